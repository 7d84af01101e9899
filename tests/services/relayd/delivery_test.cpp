#include "delivery.h"

#include <fcntl.h>

#include <catch2/catch.hpp>

#include "services/relayd/workshop.h"

using namespace posthouse;
using namespace posthouse::relayd;
using namespace std::chrono_literals;

TEST_CASE("what was delivered leaves the queue", "[relayd]") {
  TestWorkshop test;
  test.run({test.claim("bob@x.example"), test.claim("carol@x.example")});
  CHECK(test.remote.sent == std::vector<std::string>{"bob@x.example", "carol@x.example"});
  CHECK(test.queue.finished() == 2);
  CHECK(test.queue.reports().empty());
}

TEST_CASE("our own mailboxes are reached by LMTP", "[relayd]") {
  TestWorkshop test;
  test.directory.add("alice@mail.test", 1);
  store::Claim resolved = test.claim("bob@mail.test");
  resolved.recipient.destination = "local";
  test.run({test.claim("alice@mail.test"), resolved, test.claim("carol@mail.test")});
  CHECK(test.local.sent == std::vector<std::string>{"alice@mail.test", "bob@mail.test"});
  CHECK(test.remote.sent.empty());
  REQUIRE(test.queue.reports().size() == 1);  // carol is nobody
}

TEST_CASE("a failure for now is tried again on schedule, with its reason", "[relayd]") {
  TestWorkshop test;
  test.remote.reply = smtp::Reply(451, "4.7.1 Greylisted");
  test.run({test.claim("bob@x.example", 2)});
  REQUIRE(test.queue.settled.front().deferred.size() == 1);
  const Deferral& deferral = test.queue.settled.front().deferred.front();
  CHECK(deferral.error == "451 4.7.1 Greylisted");
  CHECK(deferral.nextAt == test.now + 10min);
  CHECK(test.queue.finished() == 0);
}

TEST_CASE("our own mailboxes are tried again soon, and then as seldom as others", "[relayd]") {
  TestWorkshop test;
  test.local.reply = smtp::Reply(451, "4.4.1 connecting: connection refused");
  const auto [attempts, pause] = GENERATE(table<int, std::chrono::seconds>({{1, 1s}, {2, 5s}, {5, 60s}, {6, 5min}}));
  store::Claim claim = test.claim("bob@mail.test", attempts);
  claim.recipient.destination = "local";
  test.run({claim});
  CHECK(test.queue.settled.front().deferred.front().nextAt == test.now + pause);
}

TEST_CASE("a mail whose lease may end is not sent to its end, and goes back at once", "[relayd]") {
  TestWorkshop test;
  test.lease.renewed(Lease::Clock::now() - 41s, 60s);
  test.run({test.claim("bob@x.example")});
  CHECK(test.remote.sent.empty());
  REQUIRE(test.queue.settled.front().deferred.size() == 1);
  CHECK(test.queue.settled.front().deferred.front().nextAt == test.now);
}

TEST_CASE("a failure for good is told to the sender, in the same transaction", "[relayd]") {
  TestWorkshop test;
  test.remote.reply = smtp::Reply(550, "5.1.1 Who?");
  test.run({test.claim("bob@x.example"), test.claim("carol@x.example")});
  REQUIRE(test.queue.settled.size() == 1);
  REQUIRE(test.queue.settled.front().replaced.size() == 1);
  const Replacement& replacement = test.queue.settled.front().replaced.front();
  CHECK(replacement.finished.size() == 2);
  REQUIRE(replacement.by);
  CHECK(replacement.by->message.sender.empty());
  CHECK(replacement.by->recipients.front().address == "sender@Y.example");
  CHECK(replacement.by->recipients.front().destination == "y.example");
  CHECK(replacement.by->message.id != replacement.finished.front().message.id);
}

TEST_CASE("no bounce for a bounce, nor against NOTIFY", "[relayd]") {
  TestWorkshop test;
  test.remote.reply = smtp::Reply(550, "5.1.1 Who?");
  store::Claim claim = test.claim("bob@x.example");
  SECTION("from nobody") {
    claim.message.sender.clear();
  }
  SECTION("NOTIFY=NEVER") {
    claim.recipient.notify = store::notify::kNever;
  }
  SECTION("NOTIFY=SUCCESS,DELAY") {
    claim.recipient.notify = store::notify::kSuccess | store::notify::kDelay;
  }
  test.run({claim});
  CHECK(test.queue.finished() == 1);
  CHECK(test.queue.reports().empty());
}

TEST_CASE("mail that has expired is given up after one more attempt", "[relayd]") {
  TestWorkshop test;
  test.remote.reply = smtp::Reply(451, "4.7.1 Greylisted");
  store::Claim claim = test.claim("bob@x.example", 30);
  claim.message.expiresAt = test.now;
  test.run({claim});
  CHECK(test.remote.sent.size() == 1);
  REQUIRE(test.queue.reports().size() == 1);
}

TEST_CASE("a sender is told once of a delay, where that is configured", "[relayd]") {
  TestWorkshop test;
  test.config.delayWarning = 1h;
  test.remote.reply = smtp::Reply(451, "4.7.1 Greylisted");
  store::Claim claim = test.claim("bob@x.example", 5);
  claim.message.createdAt = test.now - 2h;
  SECTION("the first time") {
    test.run({claim});
    CHECK(test.queue.settled.front().delayNotice);
    CHECK(test.queue.settled.front().deferred.front().delayReported);
  }
  SECTION("not again") {
    claim.delayReported = true;
    test.run({claim});
    CHECK_FALSE(test.queue.settled.front().delayNotice);
  }
  SECTION("not against NOTIFY") {
    claim.recipient.notify = store::notify::kFailure;
    test.run({claim});
    CHECK_FALSE(test.queue.settled.front().delayNotice);
  }
  SECTION("not early") {
    claim.message.createdAt = test.now - 30min;
    test.run({claim});
    CHECK_FALSE(test.queue.settled.front().delayNotice);
  }
}

TEST_CASE("an alias of many goes back into the queue as its members", "[relayd]") {
  TestWorkshop test;
  test.directory.known["all@mail.test"] = {.result = directory::Resolution::Result::found,
                                           .accounts = {{1, "alice@mail.test"}, {2, "bob@mail.test"}}};
  test.run({test.claim("all@mail.test")});
  const Replacement& replacement = test.queue.settled.front().replaced.front();
  REQUIRE(replacement.by);
  CHECK(replacement.by->octets == test.queue.octets);
  CHECK(replacement.by->recipients.size() == 2);
  CHECK(replacement.by->message.sender == "sender@Y.example");
}

TEST_CASE("what another server has taken is noted even if the queue was away for a moment", "[relayd]") {
  TestWorkshop test;
  test.queue.failures = 2;
  test.run({test.claim("bob@x.example")});
  CHECK(test.remote.sent.size() == 1);
  CHECK(test.queue.finished() == 1);
}

TEST_CASE("an attempt that a shutdown interrupts goes back at once", "[relayd]") {
  TestWorkshop test;
  test.stop.request_stop();
  test.remote.reply = smtp::Reply(451, "4.3.2 sending MAIL: shutting down");
  test.remote.host.clear();
  test.run({test.claim("bob@x.example")});
  CHECK(test.queue.settled.front().deferred.front().nextAt == test.now);
}
