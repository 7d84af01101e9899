#include "transports/smtp.h"

#include <catch2/catch.hpp>

#include "support/fake_dns.h"
#include "support/small_smtp_server.h"

using namespace posthouse;
using namespace posthouse::relayd;
using namespace std::chrono_literals;
using test::FakeDns;

namespace {

/// Two servers on one port of 127.0.0.1 and 127.0.0.2, as two exchangers of a domain.
struct Internet {
  net::Loop loop;
  FakeDns dns;
  std::mt19937 random{1};
  test::SmallSmtpServer first{loop, "127.0.0.1:0"};
  test::SmallSmtpServer second{loop, "127.0.0.2:" + std::to_string(first.address().port)};
  smtpclient::Pool pool{loop, options()};
  SmtpTransport transport{pool, dns, random, {.hostname = "mx.mail.test", .port = first.address().port}};

  Internet() {
    dns.exchanges["x.example"] = FakeDns::found<dns::Mx>({{10, "one.x.example"}, {20, "two.x.example"}});
    dns.addresses["one.x.example"] = FakeDns::found<std::string>({"127.0.0.1"});
    dns.addresses["two.x.example"] = FakeDns::found<std::string>({"127.0.0.2"});
  }
  ~Internet() {
    loop.runUntilDone(pool.close());
    loop.runUntilDone(first.close());
    loop.runUntilDone(second.close());
  }
  static smtpclient::Pool::Options options() {
    smtpclient::Pool::Options options;
    options.settings.heloName = "mx.mail.test";
    return options;
  }
  std::vector<Report> send(const std::string& domain) {
    store::QueuedMessage message;
    message.sender = "alice@mail.test";
    const Lease lease(Lease::Clock::now(), 1h);
    const Parcel parcel{message, "Subject: hello\r\n\r\n", domain, lease, {{"bob@" + domain}, {"carol@" + domain}}};
    return loop.runUntilDone(transport.send(parcel, 10s));
  }
};

}  // namespace

TEST_CASE("mail goes to the best exchanger", "[relayd]") {
  Internet internet;
  const auto reports = internet.send("x.example");
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].isDelivered());
  CHECK(reports[1].isDelivered());
  CHECK(reports[0].host == "one.x.example");
  CHECK(internet.second.connections == 0);
  CHECK(std::ranges::count(internet.first.said, "RCPT TO:<carol@x.example>") == 1);
}

TEST_CASE("a host that takes no mail now is passed over", "[relayd]") {
  Internet internet;
  SECTION("because it says so in its greeting") {
    internet.first.greeting = "554 No mail here";
  }
  SECTION("because it has too much to do") {
    internet.first.greeting = "421 4.3.2 Busy";
  }
  SECTION("because it hangs up") {
    internet.first.hangUpAt = "MAIL";
  }
  SECTION("because its address leads nowhere") {
    internet.dns.addresses["one.x.example"] = FakeDns::found<std::string>({"127.0.0.77"});
  }
  SECTION("because it has no address") {
    internet.dns.addresses.erase("one.x.example");
  }
  const auto reports = internet.send("x.example");
  CHECK(reports[0].isDelivered());
  CHECK(reports[0].host == "two.x.example");
}

TEST_CASE("what a host says of the mail itself is not asked again elsewhere", "[relayd]") {
  Internet internet;
  internet.first.replies["RCPT"] = "550 5.1.1 Who?";
  const auto reports = internet.send("x.example");
  CHECK(reports[1].reply.text() == "550 5.1.1 Who?");
  CHECK(internet.second.connections == 0);
}

TEST_CASE("of hosts that all fail, one that fails for now leaves hope", "[relayd]") {
  Internet internet;
  internet.first.greeting = "421 4.3.2 Busy";
  internet.second.greeting = "554 No mail here";
  CHECK(internet.send("x.example")[0].reply.text() == "421 4.3.2 Busy");
  internet.first.greeting = "554 No mail here";
  CHECK(internet.send("x.example")[0].reply.isPermanent());
}

TEST_CASE("a domain that cannot get mail, for good or for now", "[relayd]") {
  Internet internet;
  internet.dns.exchanges["null.example"] = FakeDns::found<dns::Mx>({{0, ""}});
  internet.dns.exchanges["broken.example"] = {.status = dns::Status::servfail};
  internet.dns.exchanges["empty.example"] = FakeDns::found<dns::Mx>({{10, "nowhere.example"}});
  internet.dns.exchanges["unsure.example"] = FakeDns::found<dns::Mx>({{10, "unsure.example"}});
  internet.dns.addresses["unsure.example"] = {.status = dns::Status::timeout};
  internet.dns.exchanges["ours.example"] = FakeDns::found<dns::Mx>({{10, "mx.mail.test"}});
  const auto [domain, reply] = GENERATE(table<std::string, std::string>({
      {"unknown.example", "550 5.1.2"},
      {"null.example", "556 5.1.10"},
      {"empty.example", "550 5.1.2"},
      {"ours.example", "550 5.4.6"},
      {"broken.example", "451 4.4.3"},
      {"unsure.example", "451 4.4.3"},
  }));
  const auto reports = internet.send(domain);
  CHECK(reports[0].reply.text().starts_with(reply + " "));
  CHECK_FALSE(reports[0].connected);
}
