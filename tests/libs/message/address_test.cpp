#include "message/address.h"

#include <catch2/catch.hpp>

using namespace posthouse::message;

namespace {

/// name|route|local|domain of each element; a group as {name and }.
std::string shown(std::string_view value) {
  std::string text;
  for (const Address& a : parseAddressList(value)) {
    if (!text.empty()) text += "; ";
    if (a.kind == Address::Kind::groupStart) {
      text += "{" + a.localPart;
    } else if (a.kind == Address::Kind::groupEnd) {
      text += "}";
    } else {
      text += a.displayName + "|" + a.sourceRoute + "|" + a.localPart + "|" + a.domain;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("address lists are read, RFC 5322 appendix A and what is seen", "[message]") {
  const auto [value, expected] = GENERATE(table<std::string, std::string>({
      {"John Doe <jdoe@machine.example>", "John Doe||jdoe|machine.example"},
      {"\"Joe Q. Public\" <john.q.public@example.com>", "Joe Q. Public||john.q.public|example.com"},
      {"Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
       "Mary Smith||mary|x.test; ||jdoe|example.org; Who?||one|y.test"},
      {"<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
       "||boss|nil.test; Giant; \"Big\" Box||sysservices|example.net"},
      {"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
       "{A Group; Ed Jones||c|a.test; ||joe|where.test; John||jdoe|one.test; }"},
      {"Undisclosed recipients:;", "{Undisclosed recipients; }"},
      {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete||pete|silly.test"},
      {"A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n         joe@example.org,\r\n  "
       "John <jdoe@one.test> "
       "(my dear friend); (the end of the group)",
       "{A Group; Chris Jones||c|public.example; ||joe|example.org; John||jdoe|one.test; }"},
      {"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "{Hidden recipients; }"},
      {"Joe Q. Public <john.q.public@example.com>", "Joe Q. Public||john.q.public|example.com"},
      {"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
       "Mary Smith|@node.test|mary|example.net; ||jdoe|test.example"},
      {"<@a,@b : c@d>", "|@a,@b|c|d"},
      {"John Doe <jdoe@machine(comment).  example>", "John Doe||jdoe|machine.example"},
      {"jdoe@machine.example (John Doe)", "John Doe||jdoe|machine.example"},
      {"(Joe) joe@x", "Joe||joe|x"},
      {"a@[192.0.2.1]", "||a|[192.0.2.1]"},
      {"\"a b\"@x", "||a b|x"},
      {"J\xC3\xBCrgen <j\xC3\xBC@b\xC3\xBC.example>", "J\xC3\xBCrgen||j\xC3\xBC|b\xC3\xBC.example"},
      {"=?UTF-8?Q?J=C3=BCrgen?= <j@x>", "=?UTF-8?Q?J=C3=BCrgen?=||j|x"},
      {"joe@x.test <joe@x.test>", "joe@x.test||joe|x.test"},
      {"root", "||root|"},
      {"undisclosed recipients", "undisclosed recipients|||"},
      {"a@b; c@d", "||a|b; ||c|d"},
      {"<a@b", "||a|b"},
      {"\"unclosed <a@b>", "unclosed <a@b>|||"},
      {"G: a@b", "{G; ||a|b; }"},
      {"<>", ""},
      {"", ""},
      {",,,", ""},
      {"(((((", ""},
      {"a@b c@d", "||a|b"},
      {">>@<<@,", ""},
  }));
  CAPTURE(value);
  CHECK(shown(value).substr(0, expected.empty() ? 4096 : expected.size()) ==
        (expected.empty() ? shown(value) : expected));
  if (!expected.empty()) CHECK(shown(value) == expected);
}

TEST_CASE("addresses are written so that they are read back the same", "[message]") {
  const auto value = GENERATE(as<std::string>{}, "John Doe <j@x>", "\"Doe, John\" <j@x>", "\"a b\"@x",
                              "G: A <a@x>, b@y;", "\"q\\\"uote\" <j@x>", "a@[192.0.2.1]", "G:;");
  CAPTURE(value);
  const auto list = parseAddressList(value);
  CHECK(parseAddressList(format(list)) == list);
}

TEST_CASE("a list has an end", "[message]") {
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += "a@b,";
  CHECK(parseAddressList(many).size() == kMaxAddresses);
  CHECK(parseAddressList(std::string(1'000'000, '<')).size() <= 1);
  CHECK(parseAddressList(std::string(1'000'000, '(')).size() <= 1);
}

TEST_CASE("an addr-spec is read strictly", "[message]") {
  const auto [text, ok] = GENERATE(table<std::string, bool>({
      {"a@b", true},
      {"a.b@c.d", true},
      {"\"a b\"@c", true},
      {"a@[IPv6:2001:db8::1]", true},
      {"\xC3\xBC@x", true},
      {"a..b@c", false},
      {".a@c", false},
      {"a@", false},
      {"@b", false},
      {"a b@c", false},
      {"a@b ", false},
      {"a@b(c)", false},
      {"\xFF@x", false},
      {"\"a\r\nb\"@c", false},
      {"", false},
  }));
  CAPTURE(text);
  const auto parsed = parseAddrSpec(text);
  CHECK(parsed.has_value() == ok);
  if (parsed) CHECK(formatAddrSpec(parsed->localPart, parsed->domain) == text);
}
