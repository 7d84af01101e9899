#include "imap/command_reader.h"

#include <catch2/catch.hpp>

#include <limits>

#include "imap/parser.h"

using namespace posthouse::imap;
using Next = CommandReader::Next;

TEST_CASE("RFC 3501 6.2.3 with literals", "[imap]") {
  CommandReader reader({});
  REQUIRE(reader.addLine("A001 LOGIN {11}") == Next::literal);
  CHECK(reader.literalSize() == 11);
  CHECK(reader.literalIsSynchronizing());
  reader.addLiteral("FRED FOOBAR");
  REQUIRE(reader.addLine(" {7+}") == Next::literal);
  CHECK_FALSE(reader.literalIsSynchronizing());
  reader.addLiteral("fat man");
  REQUIRE(reader.addLine("") == Next::complete);
  const auto parsed = parseCommand(reader.text());
  REQUIRE(parsed);
  CHECK(parsed->tag == "A001");
  CHECK(std::get<Login>(parsed->command).user == "FRED FOOBAR");
  CHECK(std::get<Login>(parsed->command).password == "fat man");
}

TEST_CASE("the message of an APPEND is told from other literals", "[imap]") {
  CommandReader reader({.command = 200});
  REQUIRE(reader.addLine("a APPEND {5}") == Next::literal);  // the mailbox
  reader.addLiteral("Inbox");
  REQUIRE(reader.addLine(" (\\Seen $X) \" 7-Feb-1994 21:52:25 -0800\" {3000000}") == Next::message);
  const auto head = parseAppendHead(reader.text());
  REQUIRE(head);
  CHECK(head->tag == "a");
  CHECK(head->append.mailbox == "INBOX");
  CHECK(head->append.flags == Flags{kSeen, {"$X"}});
  CHECK(head->append.internalDate);
  CHECK(head->append.size == 3000000);
}

TEST_CASE("a literal that is too big is announced as such", "[imap]") {
  CommandReader reader({.command = 100});
  REQUIRE(reader.addLine("a1 LOGIN {101}") == Next::tooBig);
  CHECK(reader.hasLiteral());
  CHECK(reader.literalIsSynchronizing());
  CHECK(reader.tag() == "a1");

  CommandReader overflow({});
  REQUIRE(overflow.addLine("a1 LOGIN {99999999999999999999999+}") == Next::tooBig);
  CHECK_FALSE(overflow.literalIsSynchronizing());
  CHECK(overflow.literalSize() == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("a command is bounded over all of its lines", "[imap]") {
  CommandReader reader({.command = 40});
  REQUIRE(reader.addLine("a SEARCH TEXT {10}") == Next::literal);
  reader.addLiteral("0123456789");
  REQUIRE(reader.addLine(" TEXT 01234567") == Next::tooBig);
  CHECK_FALSE(reader.hasLiteral());
  CHECK(reader.tag() == "a");
}

TEST_CASE("braces that announce nothing", "[imap]") {
  for (const char* line : {"a NOOP {}", "a NOOP {x}", "a NOOP }", "a NOOP {+}", "a NOOP {1 }", "a NOOP {-1}"}) {
    CAPTURE(line);
    CommandReader reader({});
    CHECK(reader.addLine(line) == Next::complete);
    CHECK_FALSE(parseCommand(reader.text()));
  }
}

TEST_CASE("a line without a tag is refused under *", "[imap]") {
  for (const char* line : {"", "+ x", "(a) NOOP"}) {
    CommandReader reader({});
    reader.addLine(line);
    CHECK(reader.tag() == "*");
  }
}
