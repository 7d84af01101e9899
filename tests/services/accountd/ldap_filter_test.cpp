// What an address becomes in a filter and in a name, and which filters a configuration may have.
#include <catch2/catch.hpp>

#include "ldap/escaping.h"
#include "ldap/filter_syntax.h"
#include "ldap/pattern.h"

using namespace posthouse::accountd;
using namespace posthouse::accountd::ldap;

TEST_CASE("a value in a filter means nothing but itself", "[accountd][ldap]") {
  const auto [value, escaped] = GENERATE(table<std::string, std::string>({
      {"alice", "alice"},
      {"a+b.c-d_e@mail.test", "a+b.c-d_e@mail.test"},
      {"*", "\\2a"},
      {"*)(uid=*", "\\2a\\29\\28uid=\\2a"},
      {"Parens R Us (for all your parenthetical needs)", "Parens R Us \\28for all your parenthetical needs\\29"},
      {"C:\\MyFile", "C:\\5cMyFile"},                    // RFC 4515 §4
      {std::string("\0\0\0\4", 4), "\\00\\00\\00\\04"},  // RFC 4515 §4
      {"Lu\xc4\x8di\xc4\x87", "Lu\\c4\\8di\\c4\\87"},    // RFC 4515 §4
      {"a\nb", "a\\0ab"},
      {"", ""},
  }));
  CHECK(escapeInFilter(value) == escaped);
}

TEST_CASE("a value in a name means nothing but itself", "[accountd][ldap]") {
  const auto [value, escaped] = GENERATE(table<std::string, std::string>({
      {"alice", "alice"},
      {"James \"Jim\" Smith, III", "James\\20\\22Jim\\22\\20Smith\\2c\\20III"},  // RFC 4514 §4
      {"x,ou=other", "x\\2cou\\3dother"},
      {"#hex", "\\23hex"},
      {"a+b;c<d>e\\f", "a\\2bb\\3bc\\3cd\\3ee\\5cf"},
      {std::string("\0", 1), "\\00"},
      {"\xc3\xa4", "\\c3\\a4"},
  }));
  CHECK(escapeInName(value) == escaped);
}

TEST_CASE("a pattern is filled with the parts of an address", "[accountd][ldap]") {
  const auto filter = Pattern::parse("(&(mail=%{address})(uid=%{local})(ou=%{domain})(cn=100%%))");
  REQUIRE(filter);
  CHECK(filter->hasPlaces());
  CHECK(filter->asFilter({"a", "b.test"}) == "(&(mail=a@b.test)(uid=a)(ou=b.test)(cn=100%))");
  CHECK(filter->asFilter({"*)(uid=*", "b.test"}) ==
        "(&(mail=\"\\2a\\29\\28uid=\\2a\"@b.test)(uid=\\2a\\29\\28uid=\\2a)(ou=b.test)(cn=100%))");
  CHECK(filter->asFilterOfAll() == "(&(mail=*)(uid=*)(ou=*)(cn=100%))");
  const auto name = Pattern::parse("ou=%{domain},dc=example");
  REQUIRE(name);
  CHECK(name->asName({"a", "b.test"}) == "ou=b.test,dc=example");
  CHECK(Pattern::parse("uid=%{local},dc=x")->asName({"a,dc=y", "b.test"}) == "uid=a\\2cdc\\3dy,dc=x");

  CHECK_FALSE(Pattern::parse("(mail=%u)"));
  CHECK_FALSE(Pattern::parse("(mail=%{addres})"));
  CHECK_FALSE(Pattern::parse("(mail=%"));
  CHECK(Pattern::parse("")->empty());
}

TEST_CASE("an address cannot leave its place in a filter", "[accountd][ldap]") {
  const std::string hostile = GENERATE(as<std::string>{}, "*", ")(|(uid=*)", "\\2a", "\\", "(", ")", "a)(b", "&", "|",
                                       "!", "=", ">=x", "a*b", "*)(objectClass=*");
  const auto filter = Pattern::parse("(&(objectClass=person)(mail=%{address})(uid=%{local}))");
  const std::string filled = filter->asFilter({hostile, "mail.test"});
  CAPTURE(filled);
  CHECK_FALSE(objectionToFilter(filled));
  CHECK(std::ranges::count(filled, '(') == 4);
  CHECK(std::ranges::count(filled, ')') == 4);
  CHECK_FALSE(filled.contains('*'));
}

TEST_CASE("filters are checked before they are used", "[accountd][ldap]") {
  const auto [filter, isGood] = GENERATE(table<std::string, bool>({
      {"(cn=Babs Jensen)", true},                                          // RFC 4515 §4
      {"(!(cn=Tim Howes))", true},                                         // §4
      {"(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))", true},         // §4
      {"(o=univ*of*mich*)", true},                                         // §4
      {"(seeAlso=)", true},                                                // §4
      {"(cn:caseExactMatch:=Fred Flintstone)", true},                      // §4
      {"(cn:=Betty Rubble)", true},                                        // §4
      {"(sn:dn:2.4.6.8.10:=Barney Rubble)", true},                         // §4
      {"(o:dn:=Ace Industry)", true},                                      // §4
      {"(:1.2.3:=Wilma Flintstone)", true},                                // §4
      {"(:DN:2.4.6.8.10:=Dino)", true},                                    // §4
      {"(o=Parens R Us \\28for all your parenthetical needs\\29)", true},  // §4
      {"(sn=Lu\\c4\\8di\\c4\\87)", true},                                  // §4
      {"(!(userAccountControl:1.2.840.113556.1.4.803:=2))", true},         // Active Directory: disabled
      {"(proxyAddresses=smtp:a@b.test)", true},
      {"(age>=3)", true},
      {"(age<=3)", true},
      {"(cn~=x)", true},
      {"", false},
      {"cn=x", false},
      {"(cn=x", false},
      {"(cn=x))", false},
      {"(cn=x) ", false},
      {"(cn)", false},
      {"(=x)", false},
      {"()", false},
      {"(&)", false},
      {"(!(a=b)(c=d))", false},
      {"(&(a=b)c=d)", false},
      {"(a=b\\2)", false},
      {"(a=b\\zz)", false},
      {"(cn:rule=x)", false},
      {"(a>3)", false},
  }));
  CAPTURE(filter);
  CHECK(objectionToFilter(filter).has_value() == !isGood);
}

TEST_CASE("filters nested without end are refused", "[accountd][ldap]") {
  std::string filter;
  for (int i = 0; i < 10'000; ++i) filter += "(!";
  CHECK(objectionToFilter(filter));
}
