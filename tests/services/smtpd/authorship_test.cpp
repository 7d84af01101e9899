#include "authorship.h"

#include <catch2/catch.hpp>

#include "net/loop.h"
#include "support/fake_directory.h"
#include "world.h"

using namespace posthouse;
using namespace posthouse::smtpd;

namespace {

struct Desk {
  Desk() {
    directory.add("alice@example.org", 1);
    directory.add("sales@example.org", 1);
    directory.add("bob@example.org", 2);
    directory.add("zoë@example.org", 1);
  }
  std::string objection(const std::string& header) {
    return loop.runUntilDone(objectionToAuthors(directory, 1, header + "\r\ntext\r\n")).value_or("");
  }
  net::Loop loop;
  test::FakeDirectory directory;
};

}  // namespace

TEST_CASE("a message is from whom its account may send as", "[smtpd]") {
  Desk desk;
  const std::string header =
      GENERATE(as<std::string>(), "From: alice@example.org\r\n", "",  //
               "From: Alice <alice@example.org>\r\n",                 //
               "From: \"bob@example.org\" <alice@example.org>\r\n",   // a name is not an address
               "From: Alice <alice@example.org>,\r\n Sales <sales@example.org>\r\nSender: alice@example.org\r\n",
               "From: Us: alice@example.org, sales@example.org;\r\n",  // RFC 6854
               "From: Zo\xc3\xab <zo\xc3\xab@example.org>\r\n", "From: nobody:;\r\n",
               "To: bob@example.org\r\nReply-To: bob@example.org\r\n",
               "Resent-From: alice@example.org\r\nFrom: Eve <eve@elsewhere.example>\r\n");
  CAPTURE(header);
  CHECK(desk.objection(header) == "");
}

TEST_CASE("a message that is from somebody else is not taken", "[smtpd]") {
  Desk desk;
  const auto [header, whose] = GENERATE(table<std::string, std::string>({
      {"From: bob@example.org\r\n", "From: bob@example.org"},
      {"FROM : Bob <bob@example.org>\r\n", "From: bob@example.org"},
      {"From:\r\n =?utf-8?q?Alice?=\r\n <eve@elsewhere.example>\r\n", "From: eve@elsewhere.example"},
      {"From: alice@example.org, bob@example.org\r\n", "From: bob@example.org"},
      {"From: Us: alice@example.org, bob@example.org;\r\n", "From: bob@example.org"},
      {"From: alice@example.org\r\nFrom: bob@example.org\r\n", "From: bob@example.org"},
      {"From: alice@example.org\r\nSender: bob@example.org\r\n", "Sender: bob@example.org"},
      {"From: alice@example.org (bob@example.org) <bob@example.org>\r\n", "From: bob@example.org"},
      {"From: root\r\n", "From: root"},
      {"Resent-From: bob@example.org\r\nFrom: eve@elsewhere.example\r\n", "Resent-From: bob@example.org"},
      {"Resent-From: alice@example.org\r\nResent-Sender: bob@example.org\r\n", "Resent-Sender: bob@example.org"},
      {"Resent-From: alice@example.org\r\nFrom: bob@example.org\r\n", "From: bob@example.org"},  // of our domain
  }));
  CAPTURE(header);
  CHECK(desk.objection(header) == whose + " is not yours: write from your own address, or ask to be allowed this one");
}

TEST_CASE("as many authors as anybody likes do not become as many questions", "[smtpd]") {
  Desk desk;
  std::string header = "From: ";
  for (int i = 0; i < 5'000; ++i) header += "alice@example.org, ";
  CHECK(desk.objection(header + "alice@example.org\r\n") == "more than 100 addresses in From and Sender");
  CHECK(desk.directory.asked == 0);
}

TEST_CASE("From is checked of whom we know, while the directory can be asked", "[smtpd]") {
  World world;
  const auto submit = [&](const std::string& from) {
    const std::string script =
        "S: 220 mx.example.org ESMTP Posthouse\n"
        "C: HELO x.example\n"
        "S: 250 mx.example.org\n"
        "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\n"
        "S: 235 2.7.0 Authentication succeeded\n"
        "C: MAIL FROM:<alice@example.org>\n"
        "S: 250 2.1.0 OK\n"
        "C: RCPT TO:<alice@example.org>\n"
        "S: 250 2.1.5 OK\n"
        "C: DATA\n"
        "S: 354 End data with <CR><LF>.<CR><LF>\n"
        "C: From: " +
        from + "\nC: \nC: text\nC: .\n";
    const std::string said = world.submit(script);
    return said.substr(said.rfind("S: "));
  };
  CHECK(submit("alice@example.org").starts_with("S: 250 2.0.0"));
  CHECK(submit("bob@example.org").starts_with("S: 550 5.7.1 From: bob@example.org is not yours"));
  CHECK(world.delivery.delivered.size() == 1);
  world.config.checkFrom = false;
  CHECK(submit("bob@example.org").starts_with("S: 250 2.0.0"));
}
