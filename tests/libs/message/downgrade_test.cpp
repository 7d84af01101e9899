#include "message/downgrade.h"

#include <catch2/catch.hpp>

#include "base/is_ascii.h"
#include "message/downgrade_field.h"
#include "message/mime.h"

using namespace posthouse;
using namespace posthouse::message;

namespace {

/// With CRLF for LF.
std::string crlf(std::string_view text) {
  std::string lines;
  for (const char c : text) {
    if (c == '\n') lines += '\r';
    lines += c;
  }
  return lines;
}

std::string surrogate(std::string_view message, std::size_t pieceSize) {
  Downgrade downgrade;
  std::string out;
  do {
    const std::string piece(message.substr(0, pieceSize));
    message.remove_prefix(piece.size());
    out += downgrade.pass(piece, message.empty());
  } while (!message.empty());
  return out;
}

std::string surrogate(std::string_view message) {
  return surrogate(message, message.size() + 1);
}

/// An encoded word as ours are.
std::string q(std::string_view text) {
  return "=?UTF-8?Q?" + std::string(text) + "?=";
}

}  // namespace

TEST_CASE("each field is downgraded by its own method", "[message][downgrade]") {
  const auto [field, ascii] = GENERATE(table<std::string, std::string>({
      // RFC 6857 §3.1.1, §3.2.6 and §3.2.8: unstructured
      {"Subject: Grüße aus Köln", "Subject: " + q("Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln")},
      {"Subject: Re: Größe des Hauses", "Subject: Re: =?UTF-8?B?R3LDtsOfZQ==?= des Hauses"},
      {"Subject: =?UTF-8?Q?=C3=A4?= ö", "Subject: =?UTF-8?B?w6Qgw7Y=?="},
      {"X-Unknown-Header: ä", "X-Unknown-Header: =?UTF-8?B?w6Q=?="},
      {"List-Id: Freunde des Öls <oel.example.org>", "List-Id: Freunde des =?UTF-8?Q?=C3=96ls?= <oel.example.org>"},
      // §3.1.5 and §3.1.8: a name, and an address that has no ASCII form
      {"From: Jörg <joerg@example.org>", "From: " + q("J=C3=B6rg") + " <joerg@example.org>"},
      {"From: \"Müller, Jörg\" <joerg@example.org>", "From: " + q("M=C3=BCller=2C_J=C3=B6rg") + " <joerg@example.org>"},
      {"From: Jörg <jörg@example.org>", "From: " + q("J=C3=B6rg") + " " + q("j=C3=B6rg=40example=2Eorg") + " :;"},
      {"Return-Path: <jörg@example.org>", "Return-Path: " + q("j=C3=B6rg=40example=2Eorg") + " :;"},
      {"To: a@example.org, jörg@example.org", "To: a@example.org, " + q("j=C3=B6rg=40example=2Eorg") + " :;"},
      // §3.1.6: U-labels
      {"To: Joe <joe@bücher.example>", "To: Joe <joe@xn--bcher-kva.example>"},
      // §3.1.7: groups
      {"To: Freunde: a@bücher.example, b@example.org;", "To: Freunde: a@xn--bcher-kva.example, b@example.org;"},
      {"To: Büro: a@example.org;, c@example.org", "To: " + q("B=C3=BCro") + " : a@example.org;, c@example.org"},
      {"To: Büro: ä@b.c, d@e.f;", "To: " + q("B=C3=BCro") + " =?UTF-8?B?w6RAYi5jLCBkQGUuZg==?= :;"},
      // §3.1.3: comments
      {"To: Joe <joe@example.org> (Büro)", "To: Joe <joe@example.org> (" + q("B=C3=BCro") + ")"},
      {"Date: Mon, 30 Jul 2012 01:23:45 +0200 (Mitteleuropäische Zeit)",
       "Date: Mon, 30 Jul 2012 01:23:45 +0200\r\n (" + q("Mitteleurop=C3=A4ische_Zeit") + ")"},
      // §3.2.3: message ids
      {"Message-ID: <a@b> (für dich)", "Message-ID: <a@b> (" + q("f=C3=BCr_dich") + ")"},
      {"Message-Id: <ä@b>", "Downgraded-Message-Id: =?UTF-8?B?PMOkQGI+?="},
      {"In-Reply-To: <a@b> <ö@b>", "Downgraded-In-Reply-To: <a@b> =?UTF-8?B?PMO2QGI+?="},
      // §3.2.4: Received
      {"Received: from bücher.example (Größe) by mx.example.org; Mon, 30 Jul 2012 01:23:45 +0000",
       "Received: from xn--bcher-kva.example (=?UTF-8?B?R3LDtsOfZQ==?=) by\r\n"
       " mx.example.org; Mon, 30 Jul 2012 01:23:45 +0000"},
      {"Received: by a with UTF8SMTP id 12ä for <jörg@b.c>; x", "Received: by a with UTF8SMTP; x"},
      {"Received: by a id 1 for <joe@bücher.example>; x", "Received: by a id 1 for <joe@xn--bcher-kva.example>; x"},
      // §3.1.4: parameters
      {"Content-Disposition: attachment; filename=\"Übung 1.txt\"; size=3",
       "Content-Disposition: attachment; filename*=UTF-8''%C3%9Cbung%201.txt; size=\"3\""},
      {"Content-Type: text/plain (ä); charset=utf-8; name*=UTF-8''%C3%A4; x=ö",
       "Content-Type: text/plain; charset=\"utf-8\"; name*=UTF-8''%C3%A4;\r\n x*=UTF-8''%C3%B6"},
      // §3.2.7: phrases
      {"Keywords: Gas, Öl, \"Öl, roh\"", "Keywords: Gas, =?UTF-8?B?w5Zs?=, " + q("=C3=96l=2C_roh")},
      // no field at all
      {"Überschrift", q("=C3=9Cberschrift")},
      // not UTF-8: kept in the charset of RFC 1428
      {"Subject: Gr\xfc\xdf", "Subject: =?unknown-8bit?Q?Gr=FC=DF?="},
      {"From: J\xf6rg <joerg@example.org>", "From: =?unknown-8bit?Q?J=F6rg?= <joerg@example.org>"},
  }));
  CHECK(downgradeField(field + "\r\n") == ascii + "\r\n");
}

TEST_CASE("a parameter that is too long for a line goes in sections, none of which cuts an octet",
          "[message][downgrade]") {
  std::string name;
  for (int i = 0; i < 40; ++i) name += "Ü" + std::string(static_cast<std::size_t>(i % 3), 'x');
  const std::string field = downgradeField("Content-Disposition: attachment; filename=\"" + name + "\"\r\n");
  CHECK(field.find("filename*0*=UTF-8''%C3%9C") != std::string::npos);
  std::size_t longest = 0;
  for (std::string_view rest = field; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1))
    longest = std::max(longest, rest.find('\n'));
  CHECK(longest < 79);
  const Header lines(field);
  const auto disposition = parseContentDisposition(unfold((*lines.begin()).value));
  REQUIRE(disposition);
  CHECK(disposition->parameter("filename")->text() == name);
}

TEST_CASE("the example of RFC 6857 appendix A", "[message][downgrade]") {
  const std::string message = crlf(
      "Return-Path: <jörg@example.com>\n"
      "Received: from a.example by b.example for <ü1@example.net>; Mon, 30 Jul 2012 01:23:45 -0000\n"
      "From: Jörg <jörg@example.com>\n"
      "To: Ü1 <ü1@example.net>,\n"
      "    Ü2 <ü2@example.com>\n"
      "Cc: Ü3 <ü3@example.org>\n"
      "Subject: Ärger\n"
      "Date: Mon, 30 Jul 2012 01:23:45 -0000\n"
      "Message-Id: <ä@example.com>\n"
      "Mime-Version: 1.0\n"
      "Content-Type: text/plain; charset=\"UTF-8\"\n"
      "Content-Transfer-Encoding: 8bit\n"
      "X-Unknown-Header: ö\n"
      "\n"
      "Der Körper bleibt.\n");
  const std::string ascii = crlf(
      "Return-Path: =?UTF-8?Q?j=C3=B6rg=40example=2Ecom?= :;\n"
      "Received: from a.example by b.example; Mon, 30 Jul 2012 01:23:45 -0000\n"
      "From: =?UTF-8?Q?J=C3=B6rg?= =?UTF-8?Q?j=C3=B6rg=40example=2Ecom?= :;\n"
      "To: =?UTF-8?B?w5wx?= =?UTF-8?Q?=C3=BC1=40example=2Enet?= :;, =?UTF-8?B?w5wy?=\n"
      " =?UTF-8?Q?=C3=BC2=40example=2Ecom?= :;\n"
      "Cc: =?UTF-8?B?w5wz?= =?UTF-8?Q?=C3=BC3=40example=2Eorg?= :;\n"
      "Subject: =?UTF-8?Q?=C3=84rger?=\n"
      "Date: Mon, 30 Jul 2012 01:23:45 -0000\n"
      "Downgraded-Message-Id: =?UTF-8?Q?=3C=C3=A4=40example=2Ecom=3E?=\n"
      "Mime-Version: 1.0\n"
      "Content-Type: text/plain; charset=\"UTF-8\"\n"
      "Content-Transfer-Encoding: 8bit\n"
      "X-Unknown-Header: =?UTF-8?B?w7Y=?=\n"
      "\n"
      "Der Körper bleibt.\n");
  for (std::size_t pieceSize = 1; pieceSize <= message.size() + 1; pieceSize += 7) {
    CAPTURE(pieceSize);
    CHECK(surrogate(message, pieceSize) == ascii);
  }
}

TEST_CASE("fields of parts at all levels are downgraded, bodies are not", "[message][downgrade]") {
  const std::string message = crlf(
      "Content-Type: multipart/mixed; boundary=outer\n\n"
      "Vorspann ä\n"
      "--outer\n"
      "Content-Type: multipart/alternative; boundary=inner\n\n"
      "--inner\n"
      "Content-Description: ä\n\n"
      "Subject: ä\n"
      "--innerer\n"
      "--inner--\n"
      "Content-Description: ä\n"
      "--outer\n"
      "Content-Type: message/rfc822\n\n"
      "Subject: ä\n\n"
      "Subject: ä\n"
      "--outer\n"
      "Content-Type: message/rfc822\n"
      "Content-Transfer-Encoding: base64\n\n"
      "Subject: ä\n\n"
      "--outer\n"
      "Content-Type: message/global\n\n"
      "Subject: ä\n\n"
      "--outer\n"
      "Content-Type: message/global-delivery-status\n\n"
      "Reporting-MTA: dns; mx.example.org\n\n"
      "Final-Recipient: utf-8; jörg+x@example.org\n"
      "Original-Recipient: x400; ä\n"
      "Diagnostic-Code: smtp; 550 ä\n"
      "--outer--\n"
      "Subject: ä\n");
  const std::string ascii = crlf(
      "Content-Type: multipart/mixed; boundary=outer\n\n"
      "Vorspann ä\n"
      "--outer\n"
      "Content-Type: multipart/alternative; boundary=inner\n\n"
      "--inner\n"
      "Content-Description: =?UTF-8?B?w6Q=?=\n\n"
      "Subject: ä\n"
      "--innerer\n"  // begins with a boundary: a delimiter (RFC 2046 §5.1.1), and what follows a header
      "--inner--\n"
      "Content-Description: ä\n"
      "--outer\n"
      "Content-Type: message/rfc822\n\n"
      "Subject: =?UTF-8?B?w6Q=?=\n\n"
      "Subject: ä\n"
      "--outer\n"
      "Content-Type: message/rfc822\n"
      "Content-Transfer-Encoding: base64\n\n"
      "Subject: ä\n\n"
      "--outer\n"
      "Content-Type: message/global\n\n"
      "Subject: ä\n\n"
      "--outer\n"
      "Content-Type: message/global-delivery-status\n\n"
      "Reporting-MTA: dns; mx.example.org\n\n"
      "Final-Recipient: utf-8; j\\x{F6}rg\\x{2B}x@example.org\n"
      "Downgraded-Original-Recipient: x400; =?UTF-8?B?w6Q=?=\n"
      "Diagnostic-Code: smtp; 550 =?UTF-8?B?w6Q=?=\n"
      "--outer--\n"
      "Subject: ä\n");
  for (const std::size_t pieceSize : {std::size_t{1}, std::size_t{2}, std::size_t{50}, message.size()}) {
    CAPTURE(pieceSize);
    CHECK(surrogate(message, pieceSize) == ascii);
  }
}

TEST_CASE("hyphens in a part hide no boundary, wherever the message is cut", "[message][downgrade]") {
  const std::string part = "Content-Description: ä\n\na-b\n-\n--\n---- --b\n-b-\n\n--c\nQUJD\n";
  const std::string message =
      crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\n" + part + "--b\n" + part + "--b--\n-\nä-\n");
  const std::string whole = surrogate(message, message.size());
  CHECK(std::ranges::count(whole, '?') == 8);  // of two encoded words
  CHECK(whole.ends_with(crlf("--c\nQUJD\n--b--\n-\nä-\n")));
  for (std::size_t pieceSize = 1; pieceSize < message.size(); ++pieceSize) {
    CAPTURE(pieceSize);
    CHECK(surrogate(message, pieceSize) == whole);
  }
}

TEST_CASE("the rest of a boundary's line is not where the header ends, however long it is", "[message][downgrade]") {
  const std::size_t blanks = GENERATE(0U, 996U, 997U, 998U, 2'000U, 70'000U);
  const std::string message = crlf("Content-Type: multipart/mixed; boundary=b\n\n--b" + std::string(blanks, ' ') +
                                   "\nContent-Disposition: attachment; filename=\"ü\"\n\nx\n--b--\n");
  CAPTURE(blanks);
  for (const std::size_t pieceSize : {std::size_t{1}, std::size_t{999}, std::size_t{1'000}, message.size()}) {
    CAPTURE(pieceSize);
    CHECK_THAT(surrogate(message, pieceSize), Catch::Contains("filename*=UTF-8''%C3%BC"));
  }
}

TEST_CASE("a piece in the middle of a part is not copied", "[message][downgrade]") {
  Downgrade downgrade;
  (void)downgrade.pass(crlf("Content-Type: multipart/mixed; boundary=b\n\n--b\nSubject: ä\n\n"), false);
  std::string piece = crlf(std::string(100, 'a') + "-\n" + std::string(100, 'b'));
  const char* const octets = piece.data();
  piece = downgrade.pass(std::move(piece), false);
  CHECK(piece.data() == octets);
  CHECK(downgrade.pass("-\r\n", false) == "-\r\n");
  CHECK(downgrade.pass("--b\r\nSubject: ä\r\n\r\n", true) == "--b\r\nSubject: =?UTF-8?B?w6Q=?=\r\n\r\n");
}

TEST_CASE("in a digest, parts are messages by default, and what is in those is not", "[message][downgrade]") {
  const std::string message = crlf(
      "Content-Type: multipart/digest; boundary=b\n\n"
      "--b\n\n"
      "Subject: ä\n\n"
      "Subject: ä\n\nx\n"
      "--b--\n");
  CHECK(surrogate(message) == crlf("Content-Type: multipart/digest; boundary=b\n\n"
                                   "--b\n\n"
                                   "Subject: =?UTF-8?B?w6Q=?=\n\n"
                                   "Subject: ä\n\nx\n"
                                   "--b--\n"));
}

TEST_CASE("what is ASCII passes as it is, whatever it looks like", "[message][downgrade]") {
  const std::string message = GENERATE(as<std::string>(), "", "\r\n", "a", "Subject: x", "Subject: x\n y\n\nbody\n",
                                       "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n--b\n");
  for (const std::size_t pieceSize : {std::size_t{1}, std::size_t{2}, message.size() + 1}) {
    CHECK(surrogate(message, pieceSize) == message);
    CHECK(surrogate("X: ä\n" + message, pieceSize) == "X: =?UTF-8?B?w6Q=?=\r\n" + message);
  }
}

TEST_CASE("a field without end is sent in pieces, and becomes ASCII none the less", "[message][downgrade]") {
  const std::string line = GENERATE(as<std::string>(), "ä@example.org,\r\n ", "a@example.org,\r\n ", "äöü");
  std::string message = "To: ";
  while (message.size() < 4 * Downgrade::kMaxField) message += line;
  message += "x@y\r\nSubject: ä\r\n\r\nä\r\n";
  Downgrade downgrade;
  std::string out;
  std::size_t in = 0;
  std::size_t held = 0;
  for (; in < message.size(); in += 1000) {
    out += downgrade.pass(message.substr(in, 1000), in + 1000 >= message.size());
    held = std::max(held, in > out.size() ? in - out.size() : 0);  // it only grows
  }
  CHECK(held <= Downgrade::kMaxField + 1000);
  CHECK(ascii::isAscii(Header::of(out).octets()));
  CHECK(out.ends_with("\r\nSubject: =?UTF-8?B?w6Q=?=\r\n\r\nä\r\n"));
  CHECK(out == surrogate(message));
  if (line.starts_with("a@"))
    CHECK(out == message.substr(0, message.find("Subject")) + out.substr(out.find("Subject")));
}

TEST_CASE("what is signed goes as it is, within anything", "[message]") {
  const std::string signedPart =
      "Content-Type: multipart/signed; boundary=s; protocol=\"application/pgp-signature\"\r\n\r\n"
      "--s\r\nContent-Disposition: attachment; filename=\"Gr\xc3\xbc\xc3\x9f"
      "e\"\r\n\r\nx\r\n"
      "--s\r\nContent-Type: application/pgp-signature\r\n\r\ny\r\n--s--\r\n";
  const std::string alone = "Subject: a\r\n" + signedPart;
  CHECK(Downgrade().pass(alone, true) == alone);
  const std::string other = "--m\r\nContent-Description: \xc3\xbc\r\n\r\nz\r\n--m--\r\n";
  const std::string mixed = "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n" + signedPart + other;
  const std::string sent = Downgrade().pass(mixed, true);
  CHECK_THAT(sent, Catch::Contains(signedPart));
  CHECK_THAT(sent, !Catch::Contains("\xc3\xbc\r\n\r\nz"));
}
