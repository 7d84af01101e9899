// Listeners behind a proxy: who the client is, and who is let go.
#include <prometheus/text_serializer.h>

#include <catch2/catch.hpp>

#include "daemon/listeners.h"
#include "net/connect.h"
#include "net/line_stream.h"
#include "net/tls_context.h"
#include "support/quiet_sink.h"
#include "support/self_signed.h"

using namespace posthouse;
using namespace std::chrono_literals;

namespace {

const std::string kVersion1 = "PROXY TCP4 192.0.2.7 192.0.2.25 40000 25\r\n";
const std::string kVersion2 = std::string("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16) +
                              std::string("\xc0\0\x02\x07\xc0\0\x02\x19\x9c\x40\0\x19", 12);

struct Stage {
  test::SelfSigned files;
  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "smtpd", "test"};
  config::Configuration configuration = config::Configuration::parse(
      "[tls]\ncertificate = \"" + files.certificate + "\"\nkey = \"" + files.key + "\"\n", "p.toml", nullptr, {});
  daemon::ServerTls tls{configuration, registry};
  daemon::ClientPolicy policy;
  daemon::Listeners listeners{loop, tls, policy, log, registry, 1s};
  net::TlsContext anyServer = net::TlsContext::client(net::TlsContext::Verify::none);

  explicit Stage(const char* trusted = "127.0.0.0/8") {
    open("mx", daemon::ListenerConfig::Tls::none, trusted);
    open("submissions", daemon::ListenerConfig::Tls::implicit, trusted);
  }
  ~Stage() {
    listeners.stopAccepting();
    loop.runUntilDone(listeners.drained());
  }

  void open(const char* name, daemon::ListenerConfig::Tls tls, const char* trusted) {
    daemon::ListenerConfig config;
    config.name = name;
    config.address = {"127.0.0.1", 0, ""};
    config.tls = tls;
    config.proxyProtocol = true;
    config.proxyTrusted = {*net::Network::parse(trusted)};
    listeners.open(config, "421 Too many\r\n", greet);
  }
  static Task<> greet(std::unique_ptr<net::ByteStream> client) {
    net::LineStream stream(std::move(client));
    stream.write("220 Hello " + stream.bytes().peer().text() + "\r\n");
    co_await stream.flush(5s);
  }

  /// What is heard by somebody who begins with these octets.
  std::string hear(std::string octets) { return loop.runUntilDone(visit("mx", std::move(octets))); }
  std::string hearOverTls(std::string octets) { return loop.runUntilDone(visit("submissions", std::move(octets))); }
  Task<std::string> visit(std::string listener, std::string octets) {
    net::LineStream stream(co_await net::connect(loop, listeners.address(listener), 5s));
    stream.write(octets);
    co_await stream.flush(5s);
    if (listener == "submissions") co_await stream.startTlsAsClient(anyServer, "", 5s);
    co_return (co_await stream.readLine(100, 5s)).value_or("(end)");
  }
  /// Who leaves before his header is whole.
  Task<> leave() { co_await net::connect(loop, listeners.address("mx"), 5s); }

  std::string rejected() {
    const std::string series = "posthouse_connections_rejected_total{listener=\"mx\",reason=\"proxy_header\"} ";
    const std::string all = prometheus::TextSerializer().Serialize(registry.Collect());
    const std::size_t start = all.find(series) + series.size();
    return all.substr(start, all.find('\n', start) - start);
  }
};

}  // namespace

TEST_CASE("a session's client is whom the PROXY header names", "[daemon]") {
  Stage stage;
  const std::string header = GENERATE(kVersion1, kVersion2);
  CHECK(stage.hear(header) == "220 Hello 192.0.2.7:40000");
  CHECK(stage.hearOverTls(header) == "220 Hello 192.0.2.7:40000");
  CHECK(stage.rejected() == "0");
}

TEST_CASE("nobody but a trusted proxy says who the client is", "[daemon]") {
  Stage stage("192.0.2.0/24");
  CHECK(stage.hear("") == "(end)");
  CHECK(stage.rejected() == "1");
}

TEST_CASE("a proxy that owes its header is let go and counted", "[daemon]") {
  Stage stage;
  SECTION("because what it sends is none") {
    CHECK(stage.hear("EHLO client.test\r\n") == "(end)");
  }
  SECTION("because it says nothing") {
    CHECK(stage.hear("") == "(end)");
  }
  SECTION("because it leaves") {
    stage.loop.runUntilDone(stage.leave());
    while (stage.listeners.sessions() > 0 || stage.rejected() == "0") stage.loop.runUntilDone(stage.loop.sleep(1ms));
  }
  CHECK(stage.rejected() == "1");
}

TEST_CASE("who has not begun his session does not hold up a drain", "[daemon]") {
  Stage stage;
  const auto silent = stage.loop.runUntilDone(net::connect(stage.loop, stage.listeners.address("mx"), 5s));
  while (stage.listeners.sessions() == 0) stage.loop.runUntilDone(stage.loop.sleep(1ms));
  stage.listeners.stopAccepting();
  stage.loop.runUntilDone(stage.listeners.drained());
  CHECK(stage.rejected() == "0");
}
