#include "router.h"

#include <catch2/catch.hpp>

#include "net/loop.h"
#include "support/fake_directory.h"

using namespace posthouse;
using namespace posthouse::relayd;
using directory::Resolution;

namespace {

struct Directory {
  test::FakeDirectory directory;
  net::Loop loop;

  Directory() {
    directory.add("alice@mail.test", 1);
    directory.known["boss@mail.test"] = {.result = Resolution::Result::found, .accounts = {{1, "alice@mail.test"}}};
    directory.known["all@mail.test"] = {.result = Resolution::Result::found,
                                        .accounts = {{1, "alice@mail.test"}, {2, "bob@mail.test"}},
                                        .remoteAddresses = {"carol@X.example"}};
    directory.known["loop@mail.test"] = {.result = Resolution::Result::loop};
  }
  Route route(const std::string& address, const std::string& destination = "mail.test") {
    store::QueuedRecipient recipient;
    recipient.address = address;
    recipient.destination = destination;
    return loop.runUntilDone(routeOf(recipient, directory));
  }
};

}  // namespace

TEST_CASE("an address of ours goes to its mailbox, another to its domain", "[relayd]") {
  Directory directory;
  CHECK(directory.route("alice@mail.test").way == Route::Way::local);
  CHECK(directory.route("boss@mail.test").address == "alice@mail.test");
  CHECK(directory.route("carol@x.example", "x.example").way == Route::Way::remote);
}

TEST_CASE("what smtpd has resolved is not asked for again", "[relayd]") {
  Directory directory;
  CHECK(directory.route("alice@mail.test", "local").way == Route::Way::local);
  CHECK(directory.directory.asked == 0);
}

TEST_CASE("an alias of many becomes its members, who keep the original recipient", "[relayd]") {
  Directory directory;
  const Route route = directory.route("all@mail.test");
  CHECK(route.way == Route::Way::expand);
  REQUIRE(route.members.size() == 3);
  CHECK(route.members[1].address == "bob@mail.test");
  CHECK(route.members[1].destination == "local");
  CHECK(route.members[2].address == "carol@X.example");
  CHECK(route.members[2].destination == "x.example");
  for (const auto& member : route.members) CHECK(member.originalRecipient == "rfc822;all@mail.test");
}

TEST_CASE("who cannot be reached is refused, who cannot be asked for waits", "[relayd]") {
  Directory directory;
  CHECK(directory.route("eve@mail.test").refusal->text().starts_with("550 5.1.1"));
  CHECK(directory.route("loop@mail.test").refusal->text().starts_with("550 5.4.6"));
  directory.directory.away = true;
  CHECK(directory.route("alice@mail.test").refusal->isTransient());
}
