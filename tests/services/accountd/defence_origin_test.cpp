#include <catch2/catch.hpp>

#include "defence/origin.h"

using namespace posthouse::accountd;

TEST_CASE("a client counts for its network and for what is around it", "[accountd][defence]") {
  const auto [address, narrow, wide, isPrivate] = GENERATE(table<std::string, std::string, std::string, bool>({
      {"192.0.2.7", "192.0.2.7", "192.0.2.0/24", false},
      {"::ffff:192.0.2.7", "192.0.2.7", "192.0.2.0/24", false},
      {"10.1.2.3", "10.1.2.3", "10.1.2.0/24", true},
      {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48", false},
      {"2001:0DB8:1:2::", "2001:db8:1:2::/64", "2001:db8:1::/48", false},
      {"fd00::1", "fd00::/64", "fd00::/48", true},
  }));
  CAPTURE(address);
  const auto origin = Origin::of(address);
  REQUIRE(origin);
  CHECK(origin->narrow == narrow);
  CHECK(origin->wide == wide);
  CHECK(origin->isPrivate == isPrivate);
}

TEST_CASE("a network has one spelling", "[accountd][defence]") {
  const auto [text, same] = GENERATE(table<std::string, std::string>({
      {"192.0.2.7", "192.0.2.7"},
      {"192.0.2.7/32", "192.0.2.7"},
      {"192.0.2.7/24", "192.0.2.0/24"},
      {"192.0.2.255/31", "192.0.2.254/31"},
      {"1.2.3.4/0", "0.0.0.0/0"},
      {"2001:db8::1/128", "2001:db8::1"},
      {"2001:db8:ffff::/33", "2001:db8:8000::/33"},
  }));
  CAPTURE(text);
  REQUIRE(Block::parse(text));
  CHECK(Block::parse(text)->text() == same);
}

TEST_CASE("what is no network is none", "[accountd][defence]") {
  const auto text = GENERATE(as<std::string>(), "", "mail.test", "192.0.2", "192.0.2.7/33", "192.0.2.7/",
                             "192.0.2.7/-1", "192.0.2.7/24x", "::1/129", "192.0.2.7:25", "[::1]", "unix:/x");
  CAPTURE(text);
  CHECK_FALSE(Block::parse(text));
}
