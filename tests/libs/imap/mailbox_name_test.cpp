#include "imap/mailbox_name.h"

#include <catch2/catch.hpp>

#include "imap/list_pattern.h"

using namespace posthouse::imap;

TEST_CASE("INBOX is the same in any case", "[imap]") {
  CHECK(mailboxName("inbox") == "INBOX");
  CHECK(mailboxName("Inbox/x") == "INBOX/x");
  CHECK(mailboxName("inboxes") == "inboxes");
  CHECK(mailboxName("a/inbox") == "a/inbox");
  CHECK_FALSE(mailboxName("&x"));
}

TEST_CASE("a name that a mailbox may be given", "[imap]") {
  CHECK(isCreatable("Archive/2026/Müll"));
  CHECK(isCreatable("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p"));
  for (const std::string& name :
       {std::string(), std::string("/a"), std::string("a//b"), std::string("a/"), std::string("a*"), std::string("50%"),
        std::string("a\tb"), std::string(256, 'x'), std::string("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q")}) {
    CAPTURE(name);
    CHECK_FALSE(isCreatable(name));
  }
}

TEST_CASE("LIST patterns", "[imap]") {
  const auto [pattern, name, matches] = GENERATE(table<std::string, std::string, bool>({
      {"*", "a/b/c", true},     {"%", "a", true},       {"%", "a/b", false},           {"a/%", "a/b", true},
      {"a/%", "a/b/c", false},  {"a/*", "a/b/c", true}, {"*c", "a/b/c", true},         {"%/%", "a/b", true},
      {"inbox", "INBOX", true}, {"in%", "INBOX", true}, {"ARCHIVE", "Archive", false}, {"", "a", false},
      {"a", "a", true},         {"a%", "a", true},      {"a*b*c", "axxbyyc", true},    {"a*b*c", "axxbyy", false},
      {"a%*%b", "a/x/b", true}, {"a%%b", "a/b", false}, {"a%%b", "axb", true},         {"*%*", "", true},
      {"", "", true},
  }));
  CAPTURE(pattern, name);
  CHECK(ListPattern(pattern).matches(name) == matches);
}

TEST_CASE("long LIST patterns match as short ones do", "[imap]") {
  for (const std::size_t length : {62, 63, 64, 65, 127, 128, 129, 1000}) {
    const std::string name(length, 'a');
    CAPTURE(length);
    CHECK(ListPattern(name).matches(name));
    CHECK(ListPattern(name + "%").matches(name));
    CHECK(ListPattern("*" + name).matches(name));
    CHECK_FALSE(ListPattern(name + "a").matches(name));
    CHECK_FALSE(ListPattern(name).matches(name + "a"));
  }
}

TEST_CASE("a hostile pattern costs little for each name", "[imap]") {
  std::string longer;
  while (longer.size() < 64000) longer += "%*a";
  std::string shorter;
  while (shorter.size() < 1900) shorter += "*a";
  const ListPattern never(longer);
  const ListPattern nearly(shorter + "b");
  const std::string name(1000, 'a');
  for (int i = 0; i < 10'000; ++i) {
    if (never.matches(name) || nearly.matches(name)) FAIL("matches");
  }
}
