// UTF8, RFC 6856 §2.
#include <catch2/catch.hpp>

#include "play.h"

using namespace posthouse;
using namespace posthouse::pop3d;

namespace {

const std::string kMessage =
    "From: J\xc3\xb6rg <j\xc3\xb6rg@example.org>\r\nSubject: Gr\xc3\xbc\xc3\x9f"
    "e\r\n\r\nK\xc3\xb6rper\r\n";

const std::string kLogin =
    "C: USER alice@example.org\n"
    "S: +OK Send the password\n"
    "C: PASS secret\n"
    "S: +OK Maildrop has 1 message (62 octets)\n";

const std::string kAsStored =
    "S: From: J\xc3\xb6rg <j\xc3\xb6rg@example.org>\n"
    "S: Subject: Gr\xc3\xbc\xc3\x9f"
    "e\n";
const std::string kSurrogate =
    "S: From: =?UTF-8?Q?J=C3=B6rg?= =?UTF-8?Q?j=C3=B6rg=40example=2Eorg?= :;\n"
    "S: Subject: =?UTF-8?B?R3LDvMOfZQ==?=\n";

const std::string kBody = "S: \nS: K\xc3\xb6rper\nS: .\n";

}  // namespace

SCENARIO("a message with UTF-8 in its header goes as it is to who has asked for it, and else as a surrogate",
         "[pop3d]") {
  Stage stage;
  stage.store = MemoryStore({kMessage});
  SECTION("in UTF-8 mode") {
    const std::string script = kGreeting + "C: UTF8\nS: +OK UTF-8 mode is on\n" + kLogin +
                               "C: RETR 1\nS: +OK 62 octets\n" + kAsStored + kBody +
                               "C: TOP 1 0\nS: +OK The top follows\n" + kAsStored + "S: \nS: .\n";
    CHECK(stage.play(script) == script);
  }
  SECTION("without it") {
    const std::string script = kGreeting + kLogin + "C: RETR 1\nS: +OK 62 octets\n" + kSurrogate + kBody +
                               "C: TOP 1 0\nS: +OK The top follows\n" + kSurrogate + "S: \nS: .\n" +
                               "C: TOP 1 1\nS: +OK The top follows\n" + kSurrogate + kBody;
    CHECK(stage.play(script) == script);
  }
}

SCENARIO("a message in several pieces becomes a surrogate, too", "[pop3d]") {
  Stage stage;
  std::string body;
  while (body.size() < 600'000) body += "R\xc3\xa4tsel\r\n";
  stage.store = MemoryStore({"Subject: \xc3\xa4\r\n\r\n" + body});
  const std::string said = stage.play(kGreeting +
                                      "C: USER alice@example.org\nS: +OK\nC: PASS secret\nS: +OK\n"
                                      "C: RETR 1\n");
  CHECK(said.contains("S: Subject: =?UTF-8?B?w6Q=?=\nS: \nS: R\xc3\xa4tsel\n"));
  CHECK(said.ends_with("S: R\xc3\xa4tsel\nS: .\n"));
}

SCENARIO("UTF8 belongs before the login", "[pop3d]") {
  Stage stage;
  stage.store = MemoryStore({kMessage});
  const std::string script = kGreeting + "C: UTF8\nS: +OK UTF-8 mode is on\nC: UTF8\nS: +OK UTF-8 mode is on\n" +
                             kLogin +
                             "C: UTF8\nS: -ERR Only before logging in\n"
                             "C: UTF8 x\nS: -ERR unexpected text after the command\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("names and passwords are UTF-8, with UTF8 and without", "[pop3d]") {
  const std::string utf8 = GENERATE(as<std::string>(), "", "C: UTF8\nS: +OK UTF-8 mode is on\n");
  Stage stage;
  const std::string name =
      "j\xc3\xb6rg@b\xc3\xbc"
      "cher.example";
  stage.authenticator = test::FakeAuthenticator(name, {store::AccountId{7}, name});
  stage.authenticator.password = "gr\xc3\xbc\xc3\x9f dich";
  SECTION("they log in") {
    const std::string script = kGreeting + utf8 + "C: USER " + name +
                               "\nS: +OK Send the password\n"
                               "C: PASS gr\xc3\xbc\xc3\x9f dich\n"
                               "S: +OK Maildrop has 0 messages (0 octets)\n";
    CHECK(stage.play(script) == script);
  }
  SECTION("other octets are refused, whoever it would be") {
    stage.authenticator.password = "gr\xfc\xdf";
    const std::string script = kGreeting + utf8 +
                               "C: USER j\xf6rg\n"
                               "S: -ERR Names and passwords must be UTF-8\n"
                               "C: USER " +
                               name +
                               "\nS: +OK Send the password\n"
                               "C: PASS gr\xfc\xdf\n"
                               "S: -ERR [AUTH] Names and passwords must be UTF-8\n";
    CHECK(stage.play(script) == script);
  }
}
