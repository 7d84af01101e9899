// Input that is made to cost much.
#include <catch2/catch.hpp>

#include "message/bodystructure.h"
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
