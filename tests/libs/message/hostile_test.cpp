// Input that is made to cost much.
#include <catch2/catch.hpp>

#include "message/bodystructure.h"
#include "message/envelope.h"
#include "message/summary.h"
#include "support/imap_syntax.h"
#include "support/part_tree.h"

using namespace posthouse::message;

namespace {

void checkSummary(const std::string& message) {
  const Part root = parseMime(message);
  CHECK(posthouse::test::isSound(root));
  const Summary summary = summarize(message, root);
  CHECK(posthouse::test::isImapList(summary.envelope));
  CHECK(posthouse::test::isImapList(summary.bodyStructure));
  CHECK(posthouse::test::isImapList(bodyOf(summary.bodyStructure)));
}

std::size_t depthOf(const Part& part) {
  std::size_t deepest = 0;
  for (const Part& inner : part.parts) deepest = std::max(deepest, depthOf(inner));
  return deepest + 1;
}

}  // namespace

TEST_CASE("ten thousand multiparts inside each other stop at the depth", "[message]") {
  std::string message;
  for (int i = 0; i < 10'000; ++i) {
    const std::string boundary = "boundary" + std::to_string(i);
    message += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  CHECK(depthOf(parseMime(message)) == MimeLimits{}.depth + 1);
  checkSummary(message);
}

TEST_CASE("ten thousand messages inside each other stop at the depth", "[message]") {
  std::string message;
  for (int i = 0; i < 10'000; ++i) message += "Subject: s\r\nContent-Type: message/rfc822\r\n\r\n";
  CHECK(depthOf(parseMime(message)) == MimeLimits{}.depth + 1);
  checkSummary(message);
}

TEST_CASE("parts beyond the limit stay in the last", "[message]") {
  std::string message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 200'000; ++i) message += "--b\r\n\r\n";
  const Part root = parseMime(message);
  CHECK(root.parts.size() == MimeLimits{}.parts - 1);
  CHECK(root.parts.back().body.end() == message.size());
  checkSummary(message);
}

TEST_CASE("lines that nearly are boundaries cost no more than the octets", "[message]") {
  std::string message;
  std::string nearly;
  for (int i = 0; i < 90; ++i) {
    const std::string boundary = std::string(60, '-') + std::to_string(i);
    message += "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n--" + boundary + "\r\n";
  }
  for (int i = 0; i < 100'000; ++i) message += std::string(62, '-') + "x\r\n";
  checkSummary(message);
}

TEST_CASE("large headers are read once", "[message]") {
  std::string message;
  for (int i = 0; i < 1'000'000; ++i) message += "To: a@b\r\n";
  message += "Subject: " + std::string(5'000'000, '[') + "\r\nReferences: ";
  for (int i = 0; i < 100'000; ++i) message += "<a@b>\r\n ";
  message += "\r\n\r\n";
  checkSummary(message);
  checkSummary("Subject: " + std::string(1'000'000, '(') + "\r\nFrom: " + std::string(1'000'000, '"') + "\r\n\r\n");
  checkSummary("Content-Type: a/b" + std::string(1'000'000, ';') + "\r\n\r\n");
  std::string words = "Subject:";
  for (int i = 0; i < 100'000; ++i) words += " =?utf-8?Q?a";
  checkSummary(words);
}

TEST_CASE("NUL, CR and 8-bit octets are rendered as IMAP allows", "[message]") {
  using namespace std::string_literals;
  checkSummary("Subject: a\0b\r\nFrom: \xFF\r <a\"b\\@c>\r\n\r\n\0"s);
  checkSummary("Content-Type: a/b; c=\"\xC3\xBC(\"; d=(\r\nContent-Language: \xFF(, (\r\n\r\n");
}

TEST_CASE("a boundary that begins another is not taken for it", "[message]") {
  std::string message;
  for (const std::string boundary : {"a", "ab", "b", "abc"}) {
    message += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  message += "\r\ninnermost\r\n--abx\r\n\r\nof ab\r\n--abc\r\n\r\nstill of ab\r\n--ax\r\n\r\nof a\r\n--c\r\n";
  const Part root = parseMime(message);
  REQUIRE(root.parts.size() == 2);
  CHECK(root.parts[1].body.of(message) == "of a\r\n--c\r\n");
  const Part& second = root.parts[0];
  REQUIRE(second.parts.size() == 3);
  CHECK(second.parts[1].body.of(message) == "of ab");
  CHECK(second.parts[2].body.of(message) == "still of ab");
  CHECK(second.parts[0].parts[0].parts[0].body.of(message) == "innermost");
}

TEST_CASE("a hundred open boundaries cost a line no more than one", "[message]") {
  std::string message;
  for (int i = 1; i < 100; ++i) {
    const std::string boundary = std::string(60, 'a') + std::to_string(i);
    message += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  const std::string start = message;
  for (int i = 0; i < 2'000'000; ++i) message += "--\r\n";
  checkSummary(message);
}

TEST_CASE("a BODYSTRUCTURE of much text is given without it", "[message]") {
  std::string message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (int i = 0; i < 50; ++i) {
    message += "--b\r\nContent-Type: text/html; charset=" + std::string(7000, 'x') + "\r\n\r\nx\r\n";
  }
  const Part root = parseMime(message);
  CHECK(root.parts.size() == 50);
  const std::string structure = renderBodyStructure(message, root);
  CHECK(structure.size() < kMaxBodyStructure);
  CHECK(structure.starts_with(R"((("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 1 0 NIL NIL NIL NIL)("text")"));
  CHECK(structure.ends_with(R"( "mixed" NIL NIL NIL NIL))"));
  checkSummary(message);
}

TEST_CASE("no message makes a BODYSTRUCTURE or an ENVELOPE that fills memory", "[message]") {
  const std::string longWord(100'000, '"');
  std::string message = "Content-Type: multipart/" + std::string(50'000, 's') + "; boundary=b\r\n";
  for (int i = 0; i < 200; ++i) message += "To: " + std::string(5000, 'n') + " <a@b>\r\nFrom: g: " + longWord + "\r\n";
  message += "\r\n";
  for (int i = 0; i < 3000; ++i) message += "--b\r\nContent-Type: a/" + std::string(200, 's') + "; c=d\r\n\r\n";
  const Summary summary = summarize(message);
  CHECK(summary.envelope.size() < kMaxEnvelope + 100'000);
  CHECK(summary.bodyStructure.size() < std::size_t{500} * 1024);
  checkSummary(message);
}

TEST_CASE("headers of parts are read up to a limit", "[message]") {
  std::string message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  const std::string part = "--b\r\nContent-Type: a/b; c=" + std::string(100'000, 'd') + "\r\n\r\nx\r\n";
  for (int i = 0; i < 30; ++i) message += part;
  const Part root = parseMime(message);
  CHECK(root.parts.size() < 15);
  CHECK(root.parts.back().body.end() == message.size());
  checkSummary(message);
}
