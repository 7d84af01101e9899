// Which server is asked, and servers that do not answer: sockets that nobody reads from.
#include "ldap/servers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include "ldap/session.h"
#include "support/quiet_sink.h"

using namespace posthouse;
using namespace posthouse::accountd::ldap;
using namespace std::chrono_literals;

namespace {

using Urls = std::vector<std::string>;

class Hush {
 public:
  observe::Log log() { return {sink_, "accountd", "test"}; }

 private:
  prometheus::Registry registry_;
  test::QuietSink sink_{registry_};
};

/// Takes connections into its backlog, and says nothing.
class SilentServer {
 public:
  SilentServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(socket_, 16) == 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~SilentServer() { ::close(socket_); }
  std::string url(const std::string& scheme) const { return scheme + "://127.0.0.1:" + std::to_string(port_); }

 private:
  int socket_;
  int port_ = 0;
};

}  // namespace

TEST_CASE("a server that failed rests, longer every time, and then is asked again", "[accountd][ldap]") {
  Hush hush;
  std::chrono::steady_clock::time_point now{};
  Servers servers({"ldap://a", "ldap://b"}, hush.log(), [&now] { return now; });
  CHECK(servers.candidates() == Urls{"ldap://a", "ldap://b"});
  servers.failed("ldap://a", "no");
  CHECK(servers.candidates() == Urls{"ldap://b"});
  CHECK(servers.trouble() == "no");
  now += Servers::kFirstRest;
  CHECK(servers.candidates() == Urls{"ldap://a", "ldap://b"});
  servers.failed("ldap://a", "no");
  servers.failed("ldap://a", "another connection noticed it, too");
  now += Servers::kFirstRest;
  CHECK(servers.candidates() == Urls{"ldap://b"});
  now += Servers::kFirstRest;
  CHECK(servers.candidates() == Urls{"ldap://a", "ldap://b"});
  for (int i = 0; i < 20; ++i) {
    now += Servers::kLongestRest;
    CHECK(servers.candidates().size() == 2);
    servers.failed("ldap://a", "no");
  }
  servers.works("ldap://a");
  servers.failed("ldap://a", "no");
  now += Servers::kFirstRest;
  CHECK(servers.candidates().size() == 2);
}

TEST_CASE("nobody waits for a silent server beyond the deadline", "[accountd][ldap]") {
  Hush hush;
  const std::string scheme = GENERATE("ldap", "ldaps");
  const bool startTls = GENERATE(true, false);
  CAPTURE(scheme, startTls);
  SilentServer silent;
  const Settings settings{.name = "silent", .urls = {silent.url(scheme)}, .startTls = startTls};
  Servers servers(settings.urls, hush.log(), [] { return std::chrono::steady_clock::time_point(); });  // one rest
  Session session(settings, servers, Session::Identity::nobody);
  const auto began = std::chrono::steady_clock::now();
  const auto bind = [](Connection& connection, Deadline deadline) { return connection.bind("cn=x", "y", deadline); };
  CHECK_THROWS_AS(session.with(began + 500ms, bind), Lost);
  CHECK(std::chrono::steady_clock::now() - began < 5s);
  CHECK(servers.candidates().empty());
  CHECK_THROWS_AS(session.with(began + 10s, bind), Lost);  // at once: it rests
  CHECK(std::chrono::steady_clock::now() - began < 5s);
}

TEST_CASE("a port that nobody listens at is told as that", "[accountd][ldap]") {
  Hush hush;
  std::string url;
  {
    const SilentServer gone;
    url = gone.url("ldap");
  }
  const Settings settings{.name = "gone", .urls = {url}};
  CHECK_THROWS_WITH(Connection(settings, url, std::chrono::steady_clock::now() + 5s),
                    Catch::Contains(url) && Catch::Contains("see that it runs"));
}
