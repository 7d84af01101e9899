// As much of RFC 1035 §4 as a resolver needs to see.
#include "support/dns_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "base/ascii.h"

namespace posthouse::test {
namespace {

std::string number(unsigned value) {
  return {static_cast<char>(value >> 8 & 255), static_cast<char>(value & 255)};
}

std::string wireName(const std::string& name) {
  std::string wire;
  for (std::size_t begin = 0; begin < name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    wire += static_cast<char>(end - begin) + name.substr(begin, end - begin);
    begin = end + 1;
  }
  return wire + '\0';
}

std::string addressOctets(int family, std::size_t size, const std::string& text) {
  std::string octets(size, '\0');
  if (inet_pton(family, text.c_str(), octets.data()) != 1) throw std::invalid_argument(text);
  return octets;
}

}  // namespace

DnsServer::~DnsServer() {
  if (!thread_.joinable()) return;
  close(stop_[1]);
  thread_.join();
  close(stop_[0]);
  close(socket_);
}

void DnsServer::a(const std::string& name, const std::string& text) {
  records_[{name, 1}].push_back(addressOctets(AF_INET, 4, text));
}
void DnsServer::aaaa(const std::string& name, const std::string& text) {
  records_[{name, 28}].push_back(addressOctets(AF_INET6, 16, text));
}
void DnsServer::mx(const std::string& name, std::uint16_t preference, const std::string& exchange) {
  records_[{name, 15}].push_back(number(preference) + wireName(exchange));
}
void DnsServer::txt(const std::string& name, const std::string& text) {
  records_[{name, 16}].push_back(static_cast<char>(text.size()) + text);
}
void DnsServer::ptr(const std::string& reverseName, const std::string& name) {
  records_[{reverseName, 12}].push_back(wireName(name));
}

void DnsServer::start() {
  socket_ = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in local{};
  local.sin_family = AF_INET;
  local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof local;
  if (bind(socket_, reinterpret_cast<sockaddr*>(&local), size) != 0 ||
      getsockname(socket_, reinterpret_cast<sockaddr*>(&local), &size) != 0 || pipe2(stop_, O_CLOEXEC) != 0)
    throw std::runtime_error("cannot start a name server");
  port_ = ntohs(local.sin_port);
  thread_ = std::thread([this] { serve(); });
}

void DnsServer::serve() {
  while (true) {
    std::array<pollfd, 2> watched{pollfd{socket_, POLLIN, 0}, pollfd{stop_[0], POLLIN, 0}};
    poll(watched.data(), watched.size(), -1);
    if (watched[1].revents != 0) return;
    std::array<char, 1500> buffer{};
    sockaddr_in client{};
    socklen_t size = sizeof client;
    const ssize_t length =
        recvfrom(socket_, buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&client), &size);
    if (length < 17) continue;
    const std::string reply = answer({buffer.data(), static_cast<std::size_t>(length)});
    if (!reply.empty()) sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&client), size);
  }
}

std::string DnsServer::answer(const std::string& question) const {
  std::string name;
  std::size_t at = 12;
  for (std::size_t length; at < question.size() && (length = static_cast<unsigned char>(question[at])) != 0;
       at += length + 1)
    name += (name.empty() ? "" : ".") + ascii::toLower(question.substr(at + 1, length));
  const std::string asked = question.substr(12, at + 5 - 12);
  const int type = static_cast<unsigned char>(question.at(at + 2));
  int rcode = 3;  // no such name, unless something is known
  for (const auto& [key, records] : records_) {
    if (key.first == name) rcode = 0;
  }
  if (const auto found = rcodes_.find(name); found != rcodes_.end()) rcode = found->second;
  if (rcode == kSilent) return {};
  std::string records;
  unsigned count = 0;
  if (const auto found = records_.find({name, type}); rcode == 0 && found != records_.end()) {
    for (const std::string& rdata : found->second) {
      records += "\xc0\x0c" + number(static_cast<unsigned>(type)) + number(1) + number(0) + number(60) +
                 number(static_cast<unsigned>(rdata.size())) + rdata;
      ++count;
    }
  }
  return question.substr(0, 2) + '\x81' + static_cast<char>(0x80 | rcode) + number(1) + number(count) + number(0) +
         number(0) + asked + records;
}

}  // namespace posthouse::test
