#include <unistd.h>
#include <catch2/catch.hpp>

#include "events/publisher.h"
#include "events/subscriber.h"
#include "rpc/server.h"

using namespace posthouse;
using namespace std::chrono_literals;

TEST_CASE("what is published reaches every subscriber, and a dead peer disturbs nobody", "[events]") {
  net::Loop loop;
  prometheus::Registry registry;
  const std::string address = "unix:/tmp/posthouse-events-test-" + std::to_string(getpid());
  std::vector<events::MailboxChange> received;
  events::Subscriber subscriber(
      loop, [&](const events::MailboxChange& change) { received.push_back(change); }, registry);
  rpc::Server server(loop);
  server.add(subscriber.service(), events::Subscriber::kServiceName);
  server.start(address, {});
  events::Publisher publisher(loop, {address, "unix:/nonexistent/socket"}, {}, registry);

  for (std::int64_t modseq = 1; modseq <= 100; ++modseq) publisher.publish({7, 3, modseq, 1'000'000});
  loop.runUntilDone(publisher.drained());

  REQUIRE(received.size() == 100);
  CHECK(received.front() == events::MailboxChange{7, 3, 1, 1'000'000});
  CHECK(received.back() == events::MailboxChange{7, 3, 100, 1'000'000});
  loop.runUntilDone(server.close(5s));
}
