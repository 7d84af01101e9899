#include "compose.h"

#include <catch2/catch.hpp>

#include "header_section.h"
#include "trace.h"

using namespace posthouse;
using namespace posthouse::smtpd;

namespace {

const std::string kReceived =
    "Received: from x.example ([192.0.2.1])\r\n"
    "\tby mx.example.org with ESMTP id 0000000000001;\r\n"
    "\tThu, 1 Jan 1970 00:00:00 +0000\r\n";

Client client() {
  Client client;
  client.address = {"192.0.2.1", 25, ""};
  client.greeting = "x.example";
  client.isExtended = true;
  return client;
}

std::string composed(const std::string& content, const Verdict& verdict = {}) {
  const Letter letter = compose(client(), {.id = store::QueueId{1}, .reversePath = {}, .parameters = {}, .recipients = {}}, verdict, "mx.example.org", {}, content);
  return letter.header + std::string(letter.body);
}

}  // namespace

TEST_CASE("what came stays as it was below the fields that are added", "[smtpd]") {
  const std::string content = GENERATE(as<std::string>(), "a: b\r\n\r\ntext\r\n", "a: b\r\n", "\r\ntext\r\n", "a: b\r\n c\r\n\td\r\n\r\n",
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
  CHECK(composed("x-spam-flag: YES\r\n folded\r\nSubject: hi\r\nX-Spam-Status : no\r\n\r\nX-Spam-Flag: body\r\n", verdict) ==
        kReceived + "X-Spam-Flag: NO\r\nX-Spam-Status: a Evil: header\r\n\t" + std::string(80, 'x') +
            "\r\n\ty\r\nSubject: hi\r\n\r\nX-Spam-Flag: body\r\n");
}

TEST_CASE("Received names the way that a mail came", "[smtpd]") {
  Client from = client();
  Transaction transaction{store::QueueId{1}, "", {}, {}};
  const auto line = [&] {
    const std::string field = receivedField(from, transaction, "mx", {});
    return field.substr(0, field.find(" id "));
  };
  CHECK(line() == "Received: from x.example ([192.0.2.1])\r\n\tby mx with ESMTP");
  from.isExtended = false;
  CHECK(line().ends_with("with SMTP"));
  from.isExtended = true;
  from.tlsVersion = "TLSv1.3";
  from.tlsCipher = "TLS_AES_256_GCM_SHA384";
  CHECK(line() == "Received: from x.example ([192.0.2.1])\r\n\t(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384)\r\n\tby mx with ESMTPS");
  from.identity = Identity{};
  CHECK(line().ends_with("with ESMTPSA"));
  transaction.parameters.smtpUtf8 = true;
  CHECK(line().ends_with("with UTF8SMTPSA"));
  from.address.host = "2001:db8::1";
  CHECK(line().contains("([IPv6:2001:db8::1])"));
}

TEST_CASE("dates are written as RFC 5322 has them", "[smtpd]") {
  using namespace std::chrono;
  CHECK(dateTime(sys_days{2026y / November / 22} + 21h + 5min + 9s) == "Sun, 22 Nov 2026 21:05:09 +0000");
  CHECK(dateTime(sys_days{2024y / February / 29} + 999ms) == "Thu, 29 Feb 2024 00:00:00 +0000");
}

TEST_CASE("header fields are found where they stand", "[smtpd]") {
  const std::string_view section = headerSection("A: 1\r\n 2\r\nnone\r\nB : 3\r\nC\r\n\r\nD: body\r\n");
  CHECK(section == "A: 1\r\n 2\r\nnone\r\nB : 3\r\nC\r\n");
  const auto fields = fieldsOf(section);
  REQUIRE(fields.size() == 4);
  CHECK(fields[0].name == "A");
  CHECK(fields[0].octets == "A: 1\r\n 2\r\n");
  CHECK(fields[1].name.empty());
  CHECK(fields[2].name == "B");
  CHECK(fields[3].name.empty());
  CHECK(countFields(fields, "b") == 1);
  CHECK(headerSection("\r\nbody").empty());
}
