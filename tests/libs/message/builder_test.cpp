#include "message/builder.h"

#include <catch2/catch.hpp>

#include "message/delivery_report.h"
#include "message/encoded_word.h"
#include "message/mime.h"

using namespace posthouse::message;

TEST_CASE("a header is folded and cannot be broken out of", "[message]") {
  HeaderBuilder header;
  header.text("Subject",
              "Gr\xC3\xBC\xC3\x9F"
              "e\r\nX-Injected: yes");
  std::string many;
  for (int i = 0; i < 30; ++i) many += "Someone <someone" + std::to_string(i) + "@example.org>, ";
  header.addresses("To", parseAddressList(many));
  const Header read(header.octets());
  CHECK(countFields(read, "X-Injected") == 0);
  CHECK(decodeEncodedWords(*read.value("Subject")) ==
        "Gr\xC3\xBC\xC3\x9F"
        "e  X-Injected: yes");
  CHECK(parseAddressList(read.find("To")->value) == parseAddressList(many));
  for (std::size_t i = 0, end = 0; i < header.octets().size(); i = end + 2) {
    end = header.octets().find("\r\n", i);
    CHECK(end - i <= 78);
  }
}

TEST_CASE("names that are not ASCII become encoded words", "[message]") {
  HeaderBuilder header;
  header.addresses("From", std::vector<Address>{{Address::Kind::mailbox, "J\xC3\xBCrgen, Dr.", "", "j", "x"}});
  const auto list = parseAddressList(Header(header.octets()).find("From")->value);
  REQUIRE(list.size() == 1);
  CHECK(decodeEncodedWords(list[0].displayName) == "J\xC3\xBCrgen, Dr.");
  CHECK(list[0].localPart == "j");
}

TEST_CASE("a message with parts is read back", "[message]") {
  const Entity alternatives[] = {textEntity("Gr\xC3\xBC\xC3\x9F"
                                            "e\nzwei"),
                                 textEntity("<p>x</p>", "html")};
  const std::string octets("\x00\x01\xFF", 3);
  const Entity parts[] = {multipartEntity("alternative", alternatives),
                          fileEntity(octets, "application/x-a", "\xC3\xBC \"x\".bin")};
  HeaderBuilder header;
  header.text("Subject", "s");
  const std::string message = buildMessage(header, multipartEntity("mixed", parts));
  const Part root = parseMime(message);
  REQUIRE(root.parts.size() == 2);
  REQUIRE(root.parts[0].parts.size() == 2);
  CHECK(decodedText(message, root.parts[0].parts[0]) ==
        "Gr\xC3\xBC\xC3\x9F"
        "e\r\nzwei");
  CHECK(decodedBody(message, root.parts[1]) == octets);
  CHECK(fileName(root.parts[1]) == "\xC3\xBC \"x\".bin");
}

TEST_CASE("a delivery report has its three parts", "[message]") {
  DeliveryReport report;
  report.reportingMta = "mx.example.org";
  report.from = "MAILER-DAEMON@mx.example.org";
  report.to = "joe@example.org";
  report.messageId = "<r@mx.example.org>";
  report.date = *parseDate("Sun, 22 Nov 2026 21:00:00 +0000");
  report.envelopeId = "env";
  report.recipients.push_back({.originalRecipient = "rfc822;eve@example.net",
                               .finalRecipient = "eve@example.net",
                               .status = "5.1.1",
                               .remoteMta = "mx.example.net",
                               .diagnosticCode = "550 5.1.1 No such\r\nuser"});
  report.original = "Subject: original\r\n\r\nsecret";
  const std::string message = buildDeliveryReport(report);
  const Part root = parseMime(message);
  CHECK(root.mediaType.is("multipart", "report"));
  CHECK(root.mediaType.parameter("report-type")->value == "delivery-status");
  REQUIRE(root.parts.size() == 3);
  CHECK(root.parts[1].mediaType.is("message", "delivery-status"));
  CHECK(
      root.parts[1].body.of(message) ==
      "Original-Envelope-Id: env\r\nReporting-MTA: dns;mx.example.org\r\n\r\nOriginal-Recipient: "
      "rfc822;eve@example.net\r\n"
      "Final-Recipient: rfc822;eve@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns;mx.example.net\r\n"
      "Diagnostic-Code: smtp; 550 5.1.1 No such  user\r\n");
  CHECK(root.parts[2].mediaType.is("text", "rfc822-headers"));
  CHECK(root.parts[2].body.of(message) == "Subject: original\r\n\r\n");
  CHECK(message.find("secret") == std::string::npos);
  CHECK(Header::of(message).value("To") == "joe@example.org");

  report.returnContent = true;
  const std::string whole = buildDeliveryReport(report);
  const Part tree = parseMime(whole);
  REQUIRE(tree.parts.size() == 3);
  REQUIRE(tree.parts[2].kind == Part::Kind::message);
  CHECK(tree.parts[2].body.of(whole) == report.original);
}

TEST_CASE("a boundary is none that the parts hold, however many they hold", "[message]") {
  std::string content = "=_part_ =_part_x_ =_part_7 =_part_99999999999999999999_\r\n";
  for (int i = 200'000; i > 0; --i) content += "--=_part_" + std::to_string(i) + "_\r\n";
  const Entity parts[] = {textEntity("see below\n"), plainEntity(content, "text/plain")};
  const std::string message = buildMessage(HeaderBuilder(), multipartEntity("mixed", parts));
  const Part root = parseMime(message);
  REQUIRE(root.parts.size() == 2);
  CHECK(root.mediaType.parameter("boundary")->value == "=_part_200001_");
  CHECK(root.parts[1].body.of(message) == content);
}
