// Peers behind one name: all are told, those that come and those that stay, and nobody waits for those that left.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "events/publisher.h"
#include "events/subscriber.h"
#include "rpc/server.h"
#include "support/authority.h"

using namespace posthouse;
using namespace std::chrono_literals;

namespace {

/// One replica of imapd on a unix socket.
struct Replica {
  Replica(net::Loop& loop, prometheus::Registry& registry, std::string_view name)
      : address("unix:/tmp/posthouse-names-test-" + std::to_string(getpid()) + std::string(name)),
        subscriber(
            loop, [this](const events::MailboxChange& change) { received.push_back(change.modseq); }, registry),
        server(loop) {
    server.add(subscriber.service(), events::Subscriber::kServiceName);
    server.start(address, {});
  }

  std::string address;
  std::vector<std::int64_t> received;
  events::Subscriber subscriber;
  rpc::Server server;
};

using Addresses = std::optional<std::vector<std::string>>;

Task<Addresses> answer(Addresses addresses) {
  co_return addresses;
}

/// Publishes a change again and again, as its own next, until the question is answered with yes.
Task<> publishUntil(net::Loop& loop, events::Publisher& publisher, std::int64_t& modseq,
                    std::function<bool()> question) {
  while (!question()) {
    publisher.publish({7, 3, ++modseq, 1});
    co_await loop.sleep(1ms);
  }
}

}  // namespace

TEST_CASE("every address of a name is told, those that appear too, and those that vanish no more, whatever else fails",
          "[events]") {
  const test::Authority ours;  // over TCP there is no gRPC without
  const auto certificate = ours.issue("smtpd");
  net::Loop loop;
  prometheus::Registry registry;
  Replica one(loop, registry, "-1"), two(loop, registry, "-2"), three(loop, registry, "-3");
  Addresses behind{{one.address, two.address}};
  unsigned asked = 0;
  const auto lookUp = [&](net::Loop&, const std::string& peer, const net::Patience&) {
    CHECK(peer == "imapd.test:50004");
    ++asked;
    return answer(behind);
  };
  events::Publisher publisher(loop, {"imapd.test:50004"}, {certificate.file, certificate.key, ours.file(), {}, 10s},
                              registry, {.lookUp = lookUp, .interval = 1ms});
  std::int64_t modseq = 0;
  const auto publish = [&](std::function<bool()> question) {
    loop.runUntilDone(publishUntil(loop, publisher, modseq, std::move(question)));
  };
  publish([&] { return !one.received.empty() && !two.received.empty(); });
  CHECK(one.received.front() == two.received.front());

  behind = {{two.address, three.address}};
  publish([&] { return !three.received.empty(); });
  const std::int64_t leftOut = modseq + 1;
  publish([&] { return three.received.back() > leftOut && two.received.back() > leftOut; });
  CHECK(one.received.back() < leftOut);

  behind.reset();  // the resolver does not answer
  const unsigned before = asked;
  publish([&] { return asked > before + 2; });
  const std::int64_t later = modseq + 1;
  publish([&] { return three.received.back() > later; });

  std::filesystem::remove(certificate.file);
  behind = {{two.address, three.address, "127.0.0.9:1"}};
  const unsigned lost = asked;
  publish([&] { return asked > lost + 2; });
  const std::int64_t last = modseq + 1;
  publish([&] { return three.received.back() > last; });

  loop.runUntilDone(publisher.drained());
  for (Replica* replica : {&one, &two, &three}) loop.runUntilDone(replica->server.close(5s));
}

TEST_CASE("only a name has addresses to be looked up", "[events]") {
  CHECK(events::isName("imapd:50004"));
  for (const char* address : {"unix:/run/imapd.sock", "192.0.2.7:50004", "[2001:db8::1]:50004"})
    CHECK_FALSE(events::isName(address));
}

TEST_CASE("the system's resolver is asked without holding up the loop", "[events]") {
  net::Loop loop;
  const auto addresses = loop.runUntilDone(events::lookUp(loop, "localhost:50004", 10s));
  REQUIRE(addresses);
  CHECK(std::ranges::find(*addresses, "127.0.0.1:50004") != addresses->end());
  CHECK_FALSE(loop.runUntilDone(events::lookUp(loop, "nowhere.invalid:50004", 120s)));
  CHECK_THROWS_AS(loop.runUntilDone(events::lookUp(loop, "localhost:50004", 0s)), net::Interrupted);
}
