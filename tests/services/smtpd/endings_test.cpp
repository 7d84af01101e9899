// Sessions that are ended from outside (login::OpenSessions).
#include <catch2/catch.hpp>

#include "world.h"

using namespace posthouse;
using namespace posthouse::smtpd;

namespace {

const std::string kLogin =
    "S: 220 mx.example.org ESMTP Posthouse\n"
    "C: HELO x.example\n"
    "S: 250 mx.example.org\n"
    "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\n"
    "S: 235 2.7.0 Authentication succeeded\n";
const std::string kMail =
    "C: MAIL FROM:<alice@example.org>\n"
    "S: 250 2.1.0 OK\n"
    "C: RCPT TO:<bob@example.org>\n"
    "S: 250 2.1.5 OK\n"
    "C: DATA\n"
    "S: 354 End data with <CR><LF>.<CR><LF>\n"
    "C: Subject: x\n"
    "C: \n"
    "C: text\n"
    "C: .\n";

void end(World& world) {
  const login::Ending ending{.account = store::AccountId{1}, .number = 1, .reason = login::EndReason::disabled};
  world.openSessions.end({&ending, 1});
}

}  // namespace

SCENARIO("a mail that is being taken when its session is ended is taken, and no other", "[smtpd]") {
  World world;
  world.filter.meanwhile = [&] { end(world); };
  const std::string transcript = world.submit(kLogin + kMail +
                                              "S: 250 2.0.0 queued as 0000000000001\n"
                                              "S: 421 4.7.0 Your account has been disabled (session s1)\n" +
                                              kMail);
  CHECK(
      transcript.contains("S: 250 2.0.0 queued as 0000000000001\n"
                          "S: 421 4.7.0 Your account has been disabled (session s1)\n"));
  CHECK(world.delivery.delivered.size() == 1);
}

SCENARIO("an ending that came before the login was over ends the session", "[smtpd]") {
  World world;
  end(world);
  const std::string script = kLogin + "S: 421 4.7.0 Your account has been disabled (session s1)\n";
  CHECK(world.submit(script) == script);
}

SCENARIO("a mail whose session is ended before its data is not taken", "[smtpd]") {
  World world;
  world.directory.meanwhile = [&] { end(world); };
  const std::string transcript = world.submit(kLogin + kMail);
  CHECK(transcript.contains("S: 421 4.7.0 Your account has been disabled (session s1)\n"));
  CHECK(world.delivery.delivered.empty());
  CHECK(world.filter.checked.empty());
}
