#include <fcntl.h>
#include <prometheus/text_serializer.h>
#include <catch2/catch.hpp>

#include "base/memory_budget.h"
#include "daemon/listeners.h"
#include "daemon/spread_stop.h"
#include "net/connect.h"
#include "net/line_stream.h"
#include "support/quiet_sink.h"

using namespace posthouse;
using namespace std::chrono_literals;

namespace {

/// Clients that come through a proxy, so that they have any address.
struct Stage {
  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "smtpd", "test"};
  config::Configuration configuration = config::Configuration::parse("", "p.toml", nullptr, {});
  daemon::ServerTls tls{configuration, registry};
  daemon::ClientPolicy policy;
  std::optional<daemon::Listeners> listeners;

  explicit Stage(daemon::ClientLimits limits) {
    policy.limits = limits;
    daemon::ListenerConfig config;
    config.name = "mx";
    config.address = {"127.0.0.1", 0, ""};
    config.proxyProtocol = true;
    config.proxyTrusted = {*net::Network::parse("127.0.0.0/8")};
    listeners.emplace(loop, tls, policy, log, registry);
    listeners->open(config, "421 Too many\r\n", greet);
  }
  ~Stage() {
    listeners->stopAccepting();
    loop.runUntilDone(listeners->drained());
  }

  static Task<> greet(std::unique_ptr<net::ByteStream> client) {
    net::LineStream stream(std::move(client));
    stream.write("220 Hello\r\n");
    co_await stream.flush(5s);
    co_await stream.readLine(100, 60s);
  }

  struct Client {
    std::unique_ptr<net::LineStream> stream;
    std::string greeting;
  };
  Client from(const std::string& address) { return loop.runUntilDone(visit(address)); }
  Task<Client> visit(std::string address) {
    Client client{std::make_unique<net::LineStream>(co_await net::connect(loop, listeners->address("mx"), 5s)), ""};
    const std::string kind = address.find(':') == std::string::npos ? "TCP4" : "TCP6";
    const std::string here = kind == "TCP4" ? "192.0.2.25" : "2001:db8::25";
    client.stream->write("PROXY " + kind + " " + address + " " + here + " 40000 25\r\n");
    co_await client.stream->flush(5s);
    client.greeting = (co_await client.stream->readLine(100, 5s)).value_or("(end)");
    co_return client;
  }
  std::string metrics() { return prometheus::TextSerializer().Serialize(registry.Collect()); }
};

/// A session that waits to be told.
Task<> waitForEnd(net::Loop& loop, std::stop_token stop, std::size_t& sessions, std::size_t& mostAtOnce,
                  std::size_t& atOnce) {
  try {
    co_await loop.sleep(1h, stop);
  } catch (const net::Interrupted&) {
  }
  --sessions;
  mostAtOnce = std::max(mostAtOnce, ++atOnce);
  co_await loop.sleep(1ms);
  --atOnce;
}

}  // namespace

TEST_CASE("an address has so many connections, and a network of IPv6 counts as one", "[daemon]") {
  Stage stage({.connectionsPerAddress = 2});
  const auto one = stage.from("192.0.2.7");
  auto two = stage.from("192.0.2.7");
  CHECK(one.greeting == "220 Hello");
  CHECK(two.greeting == "220 Hello");
  CHECK(stage.from("192.0.2.7").greeting == "421 Too many");
  CHECK(stage.from("192.0.2.8").greeting == "220 Hello");
  CHECK(stage.from("::ffff:192.0.2.7").greeting == "421 Too many");
  CHECK(stage.from("::ffff:192.0.2.9").greeting == "220 Hello");
  const auto six = stage.from("2001:db8:1:2::1");
  const auto neighbour = stage.from("2001:db8:1:2:ffff::9");
  CHECK(stage.from("2001:db8:1:2::3").greeting == "421 Too many");
  CHECK(stage.from("2001:db8:1:3::1").greeting == "220 Hello");
  CHECK_THAT(stage.metrics(),
             Catch::Contains("posthouse_connections_rejected_total{listener=\"mx\",reason=\"address\"} 3"));

  two.stream.reset();
  std::string again;
  do again = stage.from("192.0.2.7").greeting;
  while (again != "220 Hello");  // as soon as the server has seen that the other has left
}

TEST_CASE("a listener has so many connections, those of this machine not among them", "[daemon]") {
  Stage stage({.connections = 2});
  const auto one = stage.from("192.0.2.1");
  const auto two = stage.from("192.0.2.2");
  CHECK(stage.from("192.0.2.3").greeting == "421 Too many");
  CHECK(stage.from("127.0.0.1").greeting == "220 Hello");
  CHECK_THAT(stage.metrics(),
             Catch::Contains("posthouse_connections_rejected_total{listener=\"mx\",reason=\"limit\"} 1"));
  CHECK_FALSE(stage.listeners->objection());
}

TEST_CASE("a process without descriptors for more clients says so to each and to the balancer", "[daemon]") {
  const daemon::ClientPolicy policy;
  daemon::Admission admission(policy, 1);
  std::size_t ofListener = 0;
  const daemon::Admission::Place first(admission, ofListener);
  CHECK(first.hasDescriptor() == daemon::Admission::Verdict::admitted);
  CHECK(admission.isFull());
  const daemon::Admission::Place second(admission, ofListener);
  CHECK(second.hasDescriptor() == daemon::Admission::Verdict::descriptors);
  CHECK(daemon::Admission::clientsFor(1024) == 768);
  CHECK(daemon::Admission::clientsFor(1'048'576) == 1'047'552);
  CHECK(daemon::Admission::clientsFor(16) == 0);
}

TEST_CASE("a program's section may have limits of its own", "[daemon]") {
  auto configuration = config::Configuration::parse(
      "[limits]\nmax_connections = 7\nmax_idle_commands = 5\nmax_silence = \"90s\"\n[imapd]\nmax_connections = 9\n",
      "t", nullptr, {});
  config::Section imapd = configuration.section("imapd");
  const auto policy = daemon::ClientPolicy::from(configuration, imapd);
  configuration.check();
  CHECK(policy.limits.connections == 9);
  CHECK(policy.limits.idleCommands == 5);
  CHECK(policy.limits.silence == 90s);
  CHECK(policy.limits.connectionsPerAddress == 100);
}

TEST_CASE("a silence that no network keeps to, or no system can count, is refused", "[daemon]") {
  const std::string silence = GENERATE("2s", "13h");
  auto configuration =
      config::Configuration::parse("[limits]\nmax_silence = \"" + silence + "\"\n[imapd]\n", "t", nullptr, {});
  config::Section imapd = configuration.section("imapd");
  daemon::ClientPolicy::from(configuration, imapd);
  CHECK_THROWS_WITH(configuration.check(), Catch::Contains("limits.max_silence"));
}

TEST_CASE("sessions are told to end one after the other", "[daemon]") {
  net::Loop loop;
  daemon::SpreadStop stop;
  TaskGroup group;
  std::size_t sessions = 128;
  std::size_t atOnce = 0;
  std::size_t mostAtOnce = 0;
  for (std::size_t i = 0; i < 128; ++i) group.spawn(waitForEnd(loop, stop.token(), sessions, mostAtOnce, atOnce));
  loop.runUntilDone(stop.request(loop, [&] { return sessions; }, 640ms));
  loop.runUntilDone(group.drained());
  CHECK(sessions == 0);
  CHECK(mostAtOnce < 128);  // a machine that is late makes up for it at once
}

TEST_CASE("messages share their memory, and small ones always have a place", "[daemon]") {
  MemoryBudget budget(1'000'000);
  MemoryShare large(budget);
  MemoryShare other(budget);
  CHECK(large.grow(900'000));
  CHECK(large.grow(900'000));  // in all, not once more
  CHECK_FALSE(other.grow(400'000));
  CHECK(other.grow(60'000));
  CHECK(budget.held() == 900'000 - MemoryShare::kSmall);
  large.release();
  CHECK(other.grow(400'000));
  {
    MemoryShare brief(budget);
    CHECK(brief.grow(200'000));
  }
  CHECK(budget.held() == 400'000 - MemoryShare::kSmall);
}
