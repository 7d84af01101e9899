// KPOP: POP3 behind a Kerberos ticket, in the octets of krb5_sendauth.
#include <catch2/catch.hpp>

#include "connected.h"
#include "support/series.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

// As the client's octets are written in a script.
const std::string kVersion = R"(\0\0\0\x13KRB5_SENDAUTH_V1.0\0)";
const std::string kApplication = R"(\0\0\0\x09KPOPV1.0\0)";
const std::string kTicket = R"(\0\0\0\x06AP-REQ)";
const std::string kShown = "C* " + kVersion + kApplication + kTicket + "\n";
const std::string kGood = "\0"s;
const std::string kAccepted = "S: " + kGood + "\0\0\0\0\0\0\0\6AP-REP"s + "+OK pop.example.org POP3 ready\n";
const std::string kQuit = "C: QUIT\nS: +OK Bye, 0 messages deleted\n";
const std::string kNotYours = "S: -ERR [AUTH] You may not act as that user (session ID)\n";

struct KpopStage : Stage {
  KpopStage() {
    isKpop = true;
    authenticator.ticket = "AP-REQ";
    peer.host = "192.0.2.1";  // where no password may travel
    config.loginFailureDelay = 0ms;
  }
};

std::string loggedInAs(const std::string& name) {
  return "C: USER " + name +
         "\nS: +OK Send the password\n"
         "C: PASS krb_ticket\nS: +OK Maildrop has 0 messages (0 octets)\n";
}

}  // namespace

SCENARIO("a ticket logs its account in, whatever PASS says", "[pop3d][kpop]") {
  KpopStage stage;
  const std::string name = GENERATE("alice@example.org"s, "alice"s, "Alice"s, "ALICE@example.ORG"s);
  const std::string script = kShown + kAccepted + loggedInAs(name) + kQuit;
  CHECK(stage.play(script) == script);
  CHECK(stage.authenticator.connection.protocol == "pop3");
  CHECK(stage.authenticator.connection.remoteAddress == "192.0.2.1");
  CHECK(test::logins(stage.registry, "pop3", "KPOP", "ok") == 1);
}

SCENARIO("a client that asks for no AP-REP gets none", "[pop3d][kpop]") {
  KpopStage stage;
  stage.authenticator.ticketReply.clear();
  const std::string script =
      kShown + "S: " + kGood + "\0\0\0\0"s + "+OK pop.example.org POP3 ready\n" + loggedInAs("alice") + kQuit;
  CHECK(stage.play(script) == script);
}

SCENARIO("a ticket opens nobody else's maildrop", "[pop3d][kpop]") {
  KpopStage stage;
  GIVEN("another name, and then the right one") {
    const std::string script = kShown + kAccepted + "C: USER bob@example.org\n" + kNotYours +
                               "C: PASS krb_ticket\nS: -ERR USER comes first\n" + loggedInAs("alice") + kQuit;
    CHECK(stage.play(script) == script);
    CHECK(test::logins(stage.registry, "pop3", "KPOP", "not_authorized") == 1);
  }
  GIVEN("other names until the session ends") {
    const std::string script = kShown + kAccepted + "C: USER bob\n" + kNotYours + "C: USER alice@example.net\n" +
                               kNotYours + "C: USER alice@example.org.\n" + kNotYours;
    CHECK(stage.play(script) == script);
  }
  GIVEN("the right name, taken back by a wrong one") {
    const std::string script = kShown + kAccepted +
                               "C: USER alice\nS: +OK Send the password\n"
                               "C: USER bob\n" +
                               kNotYours + "C: PASS secret\nS: -ERR USER comes first\n";
    CHECK(stage.play(script) == script);
  }
}

SCENARIO("where tickets are taken nothing else is", "[pop3d][kpop]") {
  KpopStage stage;
  stage.peer.host = "127.0.0.1";  // where a password might travel
  const std::string script = kShown + kAccepted +
                             "C: CAPA\n"
                             "S: +OK Capability list follows\n"
                             "S: TOP\nS: UIDL\nS: RESP-CODES\nS: AUTH-RESP-CODE\nS: PIPELINING\nS: EXPIRE NEVER\n"
                             "S: UTF8 USER\nS: LANG\n"
                             "S: USER\nS: IMPLEMENTATION Posthouse\nS: .\n"
                             "C: AUTH PLAIN AGFsaWNlQGV4YW1wbGUub3JnAHNlY3JldA==\nS: -ERR No such mechanism\n"
                             "C: AUTH\nS: -ERR No such mechanism\n"
                             "C: APOP alice@example.org 00000000000000000000000000000000\n"
                             "S: -ERR APOP is not offered here\n"
                             "C: STLS\nS: -ERR TLS is not offered here\n"
                             "C: STAT\nS: -ERR Log in first\n" +
                             loggedInAs("alice") + kQuit;
  CHECK(stage.play(script) == script);
}

SCENARIO("a ticket that is no good is answered with what accountd says of it", "[pop3d][kpop]") {
  KpopStage stage;
  stage.authenticator.ticket = "another";
  const std::string refused = kShown + "S: " + kGood + "\0\0\0\x09KRB-ERROR"s + "(no line end)\n";
  CHECK(stage.play(kShown) == refused);
  CHECK(test::logins(stage.registry, "pop3", "KPOP", "bad_password") == 1);
}

SCENARIO("nobody is let in whose ticket cannot be judged", "[pop3d][kpop]") {
  KpopStage stage;
  const bool isAway = GENERATE(false, true);
  if (isAway) {
    stage.authenticator.away = true;
  } else {
    stage.authenticator.ticket.clear();  // there is no keytab
  }
  CHECK(stage.play(kShown + "C: USER alice\n") == kShown + "C: USER alice\nS: " + kGood + "(no line end)\n");
}

SCENARIO("other versions are told which of them is wrong", "[pop3d][kpop]") {
  KpopStage stage;
  const auto [versions, verdict] = GENERATE_COPY(table<std::string, std::string>({
      {R"(\0\0\0\x13KRB5_SENDAUTH_V9.9\0)" + kApplication, "\1"s},
      {R"(\0\0\0\x12KRB5_SENDAUTH_V1.0)" + kApplication, "\1"s},
      {R"(\0\0\0\0)" + kApplication, "\1"s},
      {kVersion + R"(\0\0\0\x09KPOPV0.1\0)", "\2"s},
      {kVersion + R"(\0\0\0\x40)" + std::string(64, 'x'), "\2"s},
  }));
  const std::string script = "C* " + versions + kTicket + "\n";
  CHECK(stage.play(script) == script + "S: " + verdict + "(no line end)\n");
  CHECK(stage.authenticator.connection.protocol.empty());
}

SCENARIO("lengths that cannot be are not waited for", "[pop3d][kpop]") {
  KpopStage stage;
  const auto [octets, said] = GENERATE_COPY(table<std::string, std::string>({
      {R"(\0\0\0\x41x)", ""},
      {R"(\xff\xff\xff\xffx)", ""},
      {kVersion + R"(\0\1\0\0x)", ""},
      {kVersion + kApplication + R"(\0\x01\0\x01x)", kGood},
      {kVersion + kApplication + R"(\xff\xff\xff\xffx)", kGood},
      {R"(\x16\x03\x01\0)", ""},  // TLS
  }));
  const std::string script = "C* " + octets + "\n";
  CHECK(stage.play(script) == script + (said.empty() ? "" : "S: " + said + "(no line end)\n"));
  CHECK(stage.authenticator.connection.protocol.empty());
}

SCENARIO("who speaks POP3 at once is told what comes first", "[pop3d][kpop]") {
  KpopStage stage;
  const std::string script = "C: USER alice\nC: PASS secret\nS: -ERR Here a Kerberos ticket comes first (KPOP)\n";
  CHECK(stage.play(script) == script);
  CHECK(test::valueOf(stage.registry, R"(posthouse_pop3_sessions_total{end="refused"})") == 1);
}

SCENARIO("a ticket opens no maildrop that another session has", "[pop3d][kpop]") {
  KpopStage stage;
  stage.store.takenBy = "somebody";
  const std::string script = kShown + kAccepted +
                             "C: USER alice\nS: +OK Send the password\n"
                             "C: PASS krb_ticket\nS: -ERR [IN-USE] The maildrop has been in use since 2024-10-04 "
                             "00:00:00 UTC: by session s1 of instance elsewhere\n"
                             "C: QUIT\nS: +OK Bye\n";
  CHECK(stage.play(script) == script);
}

namespace {

Task<> say(net::LineStream& client, std::string octets) {
  client.write(octets);
  co_await client.flush(10s);
}

const std::string kWhole = "\0\0\0\x13KRB5_SENDAUTH_V1.0\0\0\0\0\x09KPOPV1.0\0\0\0\0\6AP-REQ"s;

/// Up to the greeting.
Task<> showTicket(net::LineStream& client) {
  co_await say(client, kWhole);
  CHECK(co_await client.readOctets(15, 10s) == kGood + "\0\0\0\0\0\0\0\6AP-REP"s);
  CHECK(co_await hear(client) == "+OK pop.example.org POP3 ready");
}

Task<> fallSilent(Connected<KpopStage>& stage, std::string before) {
  net::LineStream silent = co_await stage.connect();
  co_await say(silent, before);
  net::LineStream other = co_await stage.connect();
  co_await showTicket(other);
  co_await say(other, "USER alice\r\nPASS x\r\nQUIT\r\n");
  for (int i = 0; i < 3; ++i) CHECK((co_await hear(other)).starts_with("+OK"));
  // Nothing, or the octet that the versions were good.
  const std::string heard = co_await hear(silent);
  CHECK((heard == "(end)" || heard == kGood));
}

Task<> drain(Connected<KpopStage>& stage) {
  net::LineStream client = co_await stage.connect();
  co_await say(client, kWhole.substr(0, 10));
  while (stage.sessions.size() == 0) co_await stage.loop.yield();
  stage.draining.request_stop();
  CHECK(co_await hear(client) == "(end)");
}

Task<> endBeforePass(Connected<KpopStage>& stage) {
  net::LineStream client = co_await stage.connect();
  co_await showTicket(client);
  co_await say(client, "USER alice\r\n");
  CHECK((co_await hear(client)).starts_with("+OK"));
  const login::Ending ending{.account = store::AccountId{7}, .number = 1, .reason = login::EndReason::disabled};
  stage.openSessions.end({&ending, 1});
  CHECK(co_await hear(client) == "-ERR [SYS/PERM] Your account has been disabled, nothing was deleted");
  CHECK(co_await hear(client) == "(end)");
}

}  // namespace

SCENARIO("who does not show a ticket in time is let go, and the others are served", "[pop3d][kpop]") {
  Connected<KpopStage> stage;
  stage.config.kpopTimeout = 300ms;
  const std::size_t before = GENERATE(0, 2, 23, 30, 36, 40, 45);
  stage.loop.runUntilDone(fallSilent(stage, kWhole.substr(0, before)));
  stage.loop.runUntilDone(stage.sessions.drained());
  CHECK(test::valueOf(stage.registry, R"(posthouse_pop3_sessions_total{end="timeout"})") == 1);
}

SCENARIO("a drain says nothing to who has not been greeted", "[pop3d][kpop]") {
  Connected<KpopStage> stage;
  stage.loop.runUntilDone(drain(stage));
}

SCENARIO("a session is an account's from the ticket on", "[pop3d][kpop]") {
  Connected<KpopStage> stage;
  stage.loop.runUntilDone(endBeforePass(stage));
}
