#include "compose.h"

#include <catch2/catch.hpp>

#include "message/header.h"

using namespace posthouse;
using namespace posthouse::smtpd;

namespace {

const std::string kReceived =
    "Received: from x.example ([192.0.2.1])\r\n"
    "\tby mx.example.org with ESMTP id 0000000000001;\r\n"
    "\tThu, 01 Jan 1970 00:00:00 +0000\r\n";

Client client() {
  Client client;
  client.address = {"192.0.2.1", 25, ""};
  client.greeting = "x.example";
  client.isExtended = true;
  return client;
}

std::string composed(const std::string& content, const Verdict& verdict = {}) {
  const Letter letter =
      compose(client(), {.id = store::QueueId{1}, .reversePath = {}, .parameters = {}, .recipients = {}}, verdict,
              "mx.example.org", {}, content);
  return letter.header + std::string(letter.body);
}

}  // namespace

TEST_CASE("what came stays as it was below the fields that are added", "[smtpd]") {
  const std::string content =
      GENERATE(as<std::string>(), "a: b\r\n\r\ntext\r\n", "a: b\r\n", "\r\ntext\r\n", "a: b\r\n c\r\n\td\r\n\r\n",
               "From carol Thu Jan 1\r\na: b\r\n\r\ntext\r\n", "a: b\r\ngarbage\r\nc: d\r\n\r\n", "");
  CAPTURE(content);
  CHECK(composed(content) == kReceived + content);
}

TEST_CASE("a message that is all body gets an empty line above it", "[smtpd]") {
  CHECK(composed("hello\r\nworld\r\n") == kReceived + "\r\nhello\r\nworld\r\n");
}

TEST_CASE("the filter's fields go on top, and those that pretend to be go", "[smtpd]") {
  Verdict verdict;
  verdict.headerFields = {{"X-Spam-Flag", "NO"}, {"X-Spam-Status", "a\r\nEvil: header " + std::string(80, 'x') + " y"}};
  verdict.removeHeaderFields = {"X-Spam-Flag", "X-Spam-Status"};
  CHECK(composed("x-spam-flag: YES\r\n folded\r\nSubject: hi\r\nX-Spam-Status : no\r\n\r\nX-Spam-Flag: body\r\n",
                 verdict) == kReceived + "X-Spam-Flag: NO\r\nX-Spam-Status: a  Evil: header\r\n " +
                                 std::string(80, 'x') + "\r\n y\r\nSubject: hi\r\n\r\nX-Spam-Flag: body\r\n");
}

TEST_CASE("Received names the way that a mail came", "[smtpd]") {
  Client from = client();
  Transaction transaction{store::QueueId{1}, "", {}, {}};
  const auto received = [&] {
    const Letter letter = compose(from, transaction, {}, "mx.example.org", {}, "\r\n");
    return message::unfold(message::Header::of(letter.header).find("Received")->value);
  };
  CHECK(
      received() ==
      "from x.example ([192.0.2.1])\tby mx.example.org with ESMTP id 0000000000001;\tThu, 01 Jan 1970 00:00:00 +0000");
  from.isExtended = false;
  CHECK(received().contains("with SMTP id"));
  from.isExtended = true;
  from.tlsVersion = "TLSv1.3";
  from.tlsCipher = "TLS_AES_256_GCM_SHA384";
  CHECK(received().contains("with ESMTPS"));
  CHECK(received().contains("TLSv1.3 TLS_AES_256_GCM_SHA384"));
  from.identity = login::Identity{};
  CHECK(received().contains("with ESMTPSA"));
  transaction.parameters.smtpUtf8 = true;
  CHECK(received().contains("with UTF8SMTPSA"));
  from.address.host = "2001:db8::1";
  CHECK(received().contains("([IPv6:2001:db8::1])"));
  transaction.recipients.push_back({"alice@example.org", {}});
  CHECK(received().contains("for <alice@example.org>"));
  transaction.recipients.push_back({"bob@example.org", {}});
  CHECK_FALSE(received().contains("for <"));
}
