#include "message/mime.h"

#include <catch2/catch.hpp>

#include "message/bodystructure.h"
#include "message/section.h"
#include "support/imap_syntax.h"
#include "support/part_tree.h"

using namespace posthouse::message;
using posthouse::test::isSound;

namespace {

/// "multipart/mixed[text/plain 'body', ...]" with LF for CRLF.
std::string shown(const std::string& message, const Part& part) {
  std::string text = part.mediaType.type + "/" + part.mediaType.subtype;
  if (part.kind == Part::Kind::leaf) return text + "'" + std::string(part.body.of(message)) + "'";
  text += "[";
  for (const Part& inner : part.parts) text += (text.ends_with('[') ? "" : ", ") + shown(message, inner);
  return text + "]";
}

std::string shown(const std::string& message) {
  const Part root = parseMime(message);
  CHECK(isSound(root));
  CHECK(root.whole() == Range{0, message.size()});
  return shown(message, root);
}

const std::string kMixed = "Content-Type: multipart/mixed; boundary=b\n\n";

/// The complex message of RFC 9051 §6.4.5.1.
std::string complexMessage() {
  const std::string inner =
      "Subject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\n3.1\r\n--i\r\n"
      "Content-Type: application/octet-stream\r\n\r\n3.2\r\n--i--\r\n";
  return "Subject: outer\r\nContent-Type: multipart/mixed; boundary=\"out er\"\r\n\r\npreamble\r\n--out "
         "er\r\n\r\none\r\n--out er\r\n"
         "Content-Type: application/octet-stream\r\n\r\ntwo\r\n--out er\r\nContent-Type: message/rfc822\r\n\r\n" +
         inner +
         "\r\n--out er\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: "
         "image/gif\r\nContent-ID: <g>\r\n\r\ngif\r\n--m\r\n"
         "Content-Type: message/rfc822\r\n\r\nSubject: deep\r\n\r\ntext\r\n--m--\r\n--out er--\r\nepilogue\r\n";
}

}  // namespace

TEST_CASE("a message is divided into parts", "[message]") {
  const auto [message, expected] = GENERATE(table<std::string, std::string>({
      {"Subject: x\n\nhello\n", "text/plain'hello\n'"},
      {"", "text/plain''"},
      {"\n", "text/plain''"},
      {"Content-Type: TEXT/Html (c) ; charset=utf-8\n\n<p>", "text/html'<p>'"},
      {"Content-Type: text\n\nx", "text/plain'x'"},                     // invalid, RFC 2045 §5.2
      {"Content-Type: multipart/mixed\n\n--b\n", "text/plain'--b\n'"},  // no boundary named
      {kMixed + "pre\n--b\n\none\n--b\nContent-Type: text/x\n\ntwo\n\n--b--\nepi\n",
       "multipart/mixed[text/plain'one', text/x'two\n']"},
      {"Content-Type: multipart/mixed; boundary*=us-ascii''b\n\n--b\n\none\n--b--\n",
       "multipart/mixed[text/plain'one']"},  // RFC 2231
      {kMixed + "--b \t\n\none\n--b-- \n", "multipart/mixed[text/plain'one']"},
      {kMixed + "--b\n\none", "multipart/mixed[text/plain'one']"},
      {kMixed + "--b\n\n--b--", "multipart/mixed[text/plain'']"},
      {kMixed + "--b\nContent-Type: text/x\n--b--", "multipart/mixed[text/x'']"},
      {kMixed + "nothing\n", "multipart/mixed[text/plain'']"},
      {kMixed, "multipart/mixed[text/plain'']"},
      {kMixed + "--b--\n--b\n\nafter\n", "multipart/mixed[text/plain'']"},
      {kMixed + "--b\nContent-Type: message/rfc822\n\nSubject: s\n\nin\n--b--\n",
       "multipart/mixed[message/rfc822[text/plain'in']]"},
      {kMixed + "--b\nContent-Type: message/rfc822\n\n--b--\n", "multipart/mixed[message/rfc822[text/plain'']]"},
      {kMixed + "--b\nContent-Type: message/rfc822\n\nSubject: cut\n--b--\n",
       "multipart/mixed[message/rfc822[text/plain'']]"},
      {"Content-Type: multipart/digest; boundary=b\n\n--b\n\nFrom: x\n\none\n--b\nContent-Type: "
       "text/plain\n\ntwo\n--b--\n",
       "multipart/digest[message/rfc822[text/plain'one'], text/plain'two']"},
      // an outer boundary ends what is inside; the longest match decides
      {kMixed + "--b\nContent-Type: multipart/mixed; boundary=b2\n\n--b2\n\nin\n--b\n\nout\n--b--\n",
       "multipart/mixed[multipart/mixed[text/plain'in'], text/plain'out']"},
      {kMixed + "--b\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nsame\n--b--\n--b\n\nmore\n--b--\n",
       "multipart/mixed[multipart/alternative[text/plain'same'], text/plain'more']"},
  }));
  CAPTURE(message);
  CHECK(shown(message) == expected);
  std::string crlf;
  std::string expectedCrlf;
  for (const char c : message) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  for (const char c : expected) expectedCrlf += c == '\n' ? "\r\n" : std::string(1, c);
  CHECK(shown(crlf) == expectedCrlf);
}

TEST_CASE("sections are found, RFC 9051 §6.4.5.1", "[message]") {
  const std::string message = complexMessage();
  const Part root = parseMime(message);
  REQUIRE(isSound(root));
  const auto [path, what, expected] = GENERATE(table<std::vector<std::uint32_t>, SectionPart, std::string>({
      {{1}, SectionPart::content, "one"},
      {{2}, SectionPart::content, "two"},
      {{2}, SectionPart::mime, "Content-Type: application/octet-stream\r\n\r\n"},
      {{3}, SectionPart::header, "Subject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n"},
      {{3, 1}, SectionPart::content, "3.1"},
      {{3, 2}, SectionPart::content, "3.2"},
      {{4, 1}, SectionPart::mime, "Content-Type: image/gif\r\nContent-ID: <g>\r\n\r\n"},
      {{4, 2}, SectionPart::content, "Subject: deep\r\n\r\ntext"},
      {{4, 2}, SectionPart::text, "text"},
      {{4, 2, 1}, SectionPart::content, "text"},
      {{4, 2, 1}, SectionPart::mime, "Subject: deep\r\n\r\n"},
      {{4, 2, 2}, SectionPart::content, "(none)"},
      {{4, 2, 1, 1}, SectionPart::content, "(none)"},
      {{5}, SectionPart::content, "(none)"},
      {{0}, SectionPart::content, "(none)"},
      {{1}, SectionPart::header, "(none)"},
      {{4}, SectionPart::text, "(none)"},
      {{}, SectionPart::mime, "(none)"},
      {{}, SectionPart::content, complexMessage()},
  }));
  const auto range = findSection(root, path, what);
  CHECK((range ? std::string(range->of(message)) : "(none)") == expected);
}

TEST_CASE("part 1 of what is no multipart is its body", "[message]") {
  const std::string message = "Subject: s\r\n\r\nbody";
  const Part root = parseMime(message);
  const std::vector<std::uint32_t> one = {1};
  CHECK(findSection(root, one, SectionPart::content)->of(message) == "body");
  CHECK(findSection(root, one, SectionPart::mime)->of(message) == "Subject: s\r\n\r\n");
  CHECK_FALSE(findSection(root, std::vector<std::uint32_t>{1, 1}, SectionPart::content));
}

TEST_CASE("BODYSTRUCTURE is rendered and BODY made of it", "[message]") {
  const std::string message = complexMessage();
  const std::string structure = renderBodyStructure(message, parseMime(message));
  CAPTURE(structure);
  CHECK(posthouse::test::isImapList(structure));
  CHECK(structure.starts_with(
      R"((("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 0 NIL NIL NIL NIL)("application" "octet-stream")"));
  CHECK(structure.ends_with(R"( "mixed" ("boundary" "out er") NIL NIL NIL))"));
  const std::string body = bodyOf(structure);
  CHECK(body.starts_with(
      R"((("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 0)("application" "octet-stream" NIL NIL NIL "7bit" 3)("message" "rfc822" NIL)"));
  CHECK(body.ends_with(
      R"(("message" "rfc822" NIL NIL NIL "7bit" 21 (NIL "deep" NIL NIL NIL NIL NIL NIL NIL NIL) ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 4 0) 2) "mixed") "mixed"))"));
  CHECK(posthouse::test::isImapList(body));
}

TEST_CASE("extension data is complete", "[message]") {
  const std::string message =
      "Content-Type: text/plain; charset=UTF-8; format=flowed\r\nContent-ID: <a@b>\r\nContent-Description: d \"q\"\r\n"
      "Content-Transfer-Encoding: 8BIT\r\nContent-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==\r\nContent-Disposition: attachment; "
      "filename=\"\xC3\xBC.txt\"\r\n"
      "Content-Language: de, en\r\nContent-Location: http://x/\r\n\r\na\r\nb\r\n";
  CHECK(renderBodyStructure(message, parseMime(message)) ==
        "(\"text\" \"plain\" (\"charset\" \"UTF-8\" \"format\" \"flowed\") \"<a@b>\" \"d \\\"q\\\"\" \"8bit\" 6 2 "
        "\"Q2hlY2sgSW50ZWdyaXR5IQ==\" "
        "(\"attachment\" (\"filename\" {6}\r\n\xC3\xBC.txt)) (\"de\" \"en\") \"http://x/\")");
}

TEST_CASE("parameters, RFC 2231", "[message]") {
  const auto [value, name, raw, text] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"x/y; url*0=\"ftp://\"; url*1=\"cs.utk.edu/\"", "url", "ftp://cs.utk.edu/", "ftp://cs.utk.edu/"},
      {"x/y; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "title",
       "us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "This is ***fun***"},
      {"x/y; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\"",
       "title", "us-ascii'en'This%20is%20even%20more%20%2A%2A%2Afun%2A%2A%2A%20isn%27t%20it%21",
       "This is even more ***fun*** isn't it!"},
      {"x/y; title*1=b; title*0=a", "title", "ab", "ab"},
      {"x/y; name=my file.txt (comment)", "name", "my file.txt", "my file.txt"},
      {"x/y; name=\"=?utf-8?Q?=C3=BC?=\"", "name", "=?utf-8?Q?=C3=BC?=", "\xC3\xBC"},
      {"x/y; name=plain; name*=utf-8''%C3%BC", "name", "utf-8''%C3%BC", "\xC3\xBC"},
      {"x/y; junk; =; NAME = \"a\\\"b\"", "name", "a\"b", "a\"b"},
  }));
  CAPTURE(value);
  const auto media = parseContentType(value);
  REQUIRE(media);
  const Parameter* parameter = media->parameter(name);
  REQUIRE(parameter);
  CHECK(parameter->value == raw);
  CHECK(parameter->text() == text);
}
