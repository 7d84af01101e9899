#include "ldap/socket.h"

#include <fcntl.h>
#include <ldap.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>

namespace posthouse::accountd::ldap {
namespace {

struct FreeUrl {
  void operator()(LDAPURLDesc* url) const noexcept { ldap_free_urldesc(url); }
};
struct FreeAddresses {
  void operator()(addrinfo* addresses) const noexcept { freeaddrinfo(addresses); }
};

class Socket {
 public:
  explicit Socket(int family) : number_(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    if (number_ < 0) throw std::runtime_error(std::strerror(errno));
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (number_ >= 0) ::close(number_);
  }

  /// Throws std::runtime_error.
  void connect(const sockaddr* address, socklen_t size, Deadline deadline) {
    if (::connect(number_, address, size) == 0) return;
    if (errno != EINPROGRESS) throw std::runtime_error(std::strerror(errno));
    pollfd waiting{.fd = number_, .events = POLLOUT, .revents = 0};
    const auto patience = std::chrono::ceil<std::chrono::milliseconds>(left(deadline));
    if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) throw std::runtime_error("it does not answer");
    int error = 0;
    socklen_t length = sizeof error;
    ::getsockopt(number_, SOL_SOCKET, SO_ERROR, &error, &length);
    if (error != 0) throw std::runtime_error(std::strerror(error));
  }

  int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

int connectToPath(const char* path, Deadline deadline) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (std::strlen(path) >= sizeof address.sun_path) throw std::runtime_error("the path is too long for a socket");
  std::strcpy(address.sun_path, path);
  Socket socket(AF_UNIX);
  socket.connect(reinterpret_cast<const sockaddr*>(&address), sizeof address, deadline);
  return socket.release();
}

int connectToHost(const char* host, int port, Deadline deadline) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host, std::to_string(port).c_str(), &wanted, &found); error != 0)
    throw std::runtime_error(gai_strerror(error));
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(found);
  std::string trouble;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    try {
      Socket socket(one->ai_family);
      const auto rest = left(deadline);
      socket.connect(one->ai_addr, one->ai_addrlen, one->ai_next == nullptr ? deadline : deadline - rest / 2);
      return socket.release();
    } catch (const std::runtime_error& error) {
      trouble = error.what();
    }
  }
  throw std::runtime_error(trouble);
}

}  // namespace

std::chrono::microseconds left(Deadline deadline) {
  const auto rest = deadline - std::chrono::steady_clock::now();
  return std::chrono::duration_cast<std::chrono::microseconds>(std::max(rest, decltype(rest){}));
}

int connectTo(const std::string& text, Deadline deadline) {
  LDAPURLDesc* parsed = nullptr;
  if (ldap_url_parse(text.c_str(), &parsed) != LDAP_URL_SUCCESS) throw std::runtime_error("is no LDAP URL");
  const std::unique_ptr<LDAPURLDesc, FreeUrl> url(parsed);
  const std::string_view scheme = url->lud_scheme;
  const char* host = url->lud_host == nullptr ? "" : url->lud_host;
  if (scheme == "ldapi") return connectToPath(*host == '\0' ? "/run/slapd/ldapi" : host, deadline);
  const int usual = scheme == "ldaps" ? LDAPS_PORT : LDAP_PORT;
  return connectToHost(*host == '\0' ? "localhost" : host, url->lud_port == 0 ? usual : url->lud_port, deadline);
}

void makeBlocking(int socket, std::chrono::milliseconds timeout) {
  const timeval most{.tv_sec = timeout.count() / 1000, .tv_usec = timeout.count() % 1000 * 1000};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
  const int yes = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
  ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) & ~O_NONBLOCK);
}

}  // namespace posthouse::accountd::ldap
