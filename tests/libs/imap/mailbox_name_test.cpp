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
      {"*", "a/b/c", true},
      {"%", "a", true},
      {"%", "a/b", false},
      {"a/%", "a/b", true},
      {"a/%", "a/b/c", false},
      {"a/*", "a/b/c", true},
      {"*c", "a/b/c", true},
      {"%/%", "a/b", true},
      {"inbox", "INBOX", true},
      {"in%", "INBOX", true},
      {"ARCHIVE", "Archive", false},
      {"", "a", false},
      {"a", "a", true},
      {"a%", "a", true},
      {"a*b*c", "axxbyyc", true},
      {"a*b*c", "axxbyy", false},
  }));
  CAPTURE(pattern, name);
  CHECK(matchesListPattern(pattern, name) == matches);
}

TEST_CASE("a hostile pattern costs name times pattern", "[imap]") {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "*a";
  CHECK_FALSE(matchesListPattern(pattern + "b", std::string(1000, 'a')));
}
