#include "dns/name.h"

#include <catch2/catch.hpp>

using namespace posthouse::dns;

TEST_CASE("domains become what DNS knows", "[dns]") {
  const auto [domain, name] = GENERATE(table<std::string, std::optional<std::string>>({
      {"Example.ORG.", "example.org"},
      {"b\xc3\xbc"
       "cher.example",
       "xn--bcher-kva.example"},
      {"_dmarc.example.org", "_dmarc.example.org"},
      {"", std::nullopt},
      {".", std::nullopt},
      {"\xcd\x8f", std::nullopt},  // a character that IDNA leaves out
      {"\xff\xfe.example", std::nullopt},
      {std::string("a\0b", 3), std::nullopt},
      {std::string(254, 'a'), std::nullopt},
  }));
  CHECK(asciiName(domain) == name);
}

TEST_CASE("an address has a reverse name", "[dns]") {
  CHECK(reverseName("192.0.2.1") == "1.2.0.192.in-addr.arpa");
  CHECK(reverseName("2001:db8::1") == "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  CHECK_FALSE(reverseName("mail.example"));
}
