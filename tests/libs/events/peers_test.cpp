#include "events/peers.h"

#include <catch2/catch.hpp>

using namespace posthouse;

TEST_CASE("a misspelt key of [events] is told, not taken for nobody to tell", "[events]") {
  auto configuration = config::Configuration::parse("[events]\npeer = [\"unix:/run/imapd.sock\"]\n", "t", nullptr, {});
  CHECK(events::peers(configuration).empty());
  CHECK(configuration.errors().lines() ==
        std::vector<std::string>{"t:2:8: error: events.peer: unknown key; did you mean peers?"});
}
