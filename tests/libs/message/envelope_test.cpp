#include "message/envelope.h"

#include <catch2/catch.hpp>

#include "message/message_id.h"
#include "message/summary.h"
#include "message/trace.h"

using namespace posthouse::message;

TEST_CASE("ENVELOPE as in RFC 3501 §8", "[message]") {
  const std::string header =
      "Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nFrom: Terry Gray <gray@cac.washington.edu>\r\n"
      "Subject: IMAP4rev1 WG mtg summary and minutes\r\nTo: imap@cac.washington.edu\r\n"
      "cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\nMessage-Id: "
      "<B27397-0100000@cac.washington.edu>\r\n"
      "MIME-Version: 1.0\r\nContent-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\n";
  CHECK(renderEnvelope(Header(header)) ==
        "(\"Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\" \"IMAP4rev1 WG mtg summary and minutes\" "
        "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) "
        "((\"Terry Gray\" NIL \"gray\" \"cac.washington.edu\")) ((NIL NIL \"imap\" \"cac.washington.edu\")) "
        "((NIL NIL \"minutes\" \"CNRI.Reston.VA.US\")(\"John Klensin\" NIL \"KLENSIN\" \"MIT.EDU\")) NIL NIL "
        "\"<B27397-0100000@cac.washington.edu>\")");
}

TEST_CASE("ENVELOPE of odd headers", "[message]") {
  const auto [header, envelope] = GENERATE(table<std::string, std::string>({
      {"", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"},
      {"Subject:\r\nReply-To:\r\nFrom: a@b\r\n\r\n",
       R"((NIL "" ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL))"},
      {"To: G: a@b;\r\n\r\n",
       R"((NIL NIL NIL NIL NIL ((NIL NIL "G" NIL)(NIL NIL "a" "b")(NIL NIL NIL NIL)) NIL NIL NIL NIL))"},
      {"To: a@b\r\nTo: c@d\r\n\r\n", R"((NIL NIL NIL NIL NIL ((NIL NIL "a" "b")(NIL NIL "c" "d")) NIL NIL NIL NIL))"},
      {"Subject: \xC3\xBC\r\n\r\n", "(NIL {2}\r\n\xC3\xBC NIL NIL NIL NIL NIL NIL NIL NIL)"},
      {"Subject: a \"b\" \\\r\n c\r\n\r\n", R"((NIL "a \"b\" \\ c" NIL NIL NIL NIL NIL NIL NIL NIL))"},
      {"Subject: a\rb\r\n\r\n", "(NIL {3}\r\na\rb NIL NIL NIL NIL NIL NIL NIL NIL)"},
      {"From: root\r\n\r\n",
       R"((NIL NIL ((NIL NIL "root" "")) ((NIL NIL "root" "")) ((NIL NIL "root" "")) NIL NIL NIL NIL NIL))"},
  }));
  CAPTURE(header);
  CHECK(renderEnvelope(Header(header)) == envelope);
}

TEST_CASE("message ids are found among other words", "[message]") {
  CHECK(parseMessageIds("<a@b> (x <c>) your message of \"<d>\" <e\r\n @f> <unclosed <\"g\"@h>") ==
        std::vector<std::string>{"a@b", "e@f", "g@h"});
  CHECK(parseMessageId(" <a@b>\r\n") == "a@b");
  CHECK(parseMessageId(" bare@id ") == "bare@id");
  CHECK_FALSE(parseMessageId("  "));
}

TEST_CASE("a summary holds what lists and threads need", "[message]") {
  const std::string message =
      "Date: Sun, 22 Nov 2026 21:00:00 +0100\r\nSubject: Re: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: "
      "<3@x>\r\nReferences: <1@x> <2@x>\r\n"
      "In-Reply-To: <2@x> <0@x>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\n"
      "Content-Type: application/pdf; name=a.pdf\r\n\r\n%PDF\r\n--b--\r\n";
  const Summary summary = summarize(message);
  CHECK(summary.size == message.size());
  CHECK(summary.headerSize == message.find("\r\n\r\n") + 4);
  CHECK(summary.hasAttachment);
  CHECK(summary.messageId == "3@x");
  CHECK(summary.references == std::vector<std::string>{"1@x", "2@x", "0@x"});
  REQUIRE(summary.sentAt);
  CHECK(formatDate(*summary.sentAt) == "Sun, 22 Nov 2026 21:00:00 +0100");
  CHECK(summary.subject ==
        "Re: Gr\xC3\xBC\xC3\x9F"
        "e");
  CHECK(summary.baseSubject ==
        "Gr\xC3\xBC\xC3\x9F"
        "e");
  CHECK_FALSE(summarize("Subject: x\r\n\r\nhello").hasAttachment);
}

TEST_CASE("trace fields are rendered and counted", "[message]") {
  Received received;
  received.helo = "mx.example.net";
  received.clientName = "host.example.net";
  received.clientAddress = "2001:db8::1";
  received.by = "mx.example.org";
  received.with = withProtocol({.tls = true, .authenticated = true});
  received.tls = "TLSv1.3 TLS_AES_256_GCM_SHA384";
  received.id = "ABC123";
  received.recipient = "joe@example.org";
  received.date = *parseDate("Sun, 22 Nov 2026 21:00:00 +0000");
  CHECK(renderReceived(received) ==
        "Received: from mx.example.net (host.example.net [IPv6:2001:db8::1])\r\n\tby mx.example.org with ESMTPSA "
        "(TLSv1.3 "
        "TLS_AES_256_GCM_SHA384) id ABC123\r\n\tfor <joe@example.org>;\r\n\tSun, 22 Nov 2026 21:00:00 +0000\r\n");
  received.helo = "evil\r\nX-Injected: (yes";
  const std::string field = renderReceived(received);
  CHECK(countFields(Header(field), "X-Injected") == 0);
  CHECK(countHops(Header(field + field)) == 2);
  CHECK(renderReturnPath("") == "Return-Path: <>\r\n");
  CHECK(renderReturnPath("a@b") == "Return-Path: <a@b>\r\n");
  CHECK(withProtocol({.extended = false}) == "SMTP");
  CHECK(withProtocol({.lmtp = true, .smtpUtf8 = true}) == "UTF8LMTP");
  CHECK(withProtocol({.tls = true, .smtpUtf8 = true}) == "UTF8SMTPS");
}
