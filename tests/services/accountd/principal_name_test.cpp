#include "kerberos/principal_name.h"

#include <catch2/catch.hpp>
#include <string>

using namespace posthouse::accountd;
using namespace std::string_literals;

TEST_CASE("a principal's name is as Kerberos writes it", "[accountd][kerberos]") {
  for (const std::string& name :
       {"alice@EXAMPLE.ORG"s, "alice/admin@EXAMPLE.ORG"s, "imap/mail.example.org@EXAMPLE.ORG"s, "a\\@b\\/c\\\\d@R"s,
        "Alice Smith@example.org"s, "\xC3\xA4@R"s, std::string(510, 'x') + "@R"}) {
    CAPTURE(name);
    CHECK(isPrincipalName(name));
  }
  for (const std::string& name :
       {""s, "alice"s, "@R"s, "alice@"s, "/a@R"s, "a/@R"s, "a//b@R"s, "a@b@R"s, "a\\b@R"s, "a\\"s, "a\\@R"s, "a@R\\"s,
        "a@R/S"s, "a\nb@R"s, "a\0b@R"s, "a@R\0"s, "\xFF@R"s, std::string(511, 'x') + "@R"}) {
    CAPTURE(name);
    CHECK_FALSE(isPrincipalName(name));
  }
}

TEST_CASE("some realms are nobody's", "[accountd][kerberos]") {
  CHECK(isWellKnownRealm("WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS"));
  CHECK_FALSE(isWellKnownRealm("WELLKNOWN/ANONYMOUS@EXAMPLE.ORG"));
  CHECK_FALSE(isWellKnownRealm("alice@EXAMPLE.ORG"));
}
