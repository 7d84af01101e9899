// Logins by a ticket without SASL: what becomes of a client, and what it is answered.
#include "kerberos/ticket_login.h"

#include <prometheus/registry.h>

#include <catch2/catch.hpp>
#include <set>

#include "net/loop.h"

using namespace posthouse;
using namespace posthouse::accountd;
using Result = Outcome::Result;

namespace {

class Holders final : public KerberosPrincipals {
 public:
  Task<std::optional<PrincipalHolder>> find(std::string principal) override {
    if (principal == "alice@EXAMPLE.TEST") co_return PrincipalHolder{7, "alice@mail.test"};
    if (principal == "gone@EXAMPLE.TEST") co_return PrincipalHolder{8, "gone@mail.test", false};
    co_return std::nullopt;
  }
};

class Seen final : public SeenRequests {
 public:
  Task<bool> note(std::string proof) override { co_return noted.insert(std::move(proof)).second; }

  std::set<std::string> noted;
};

/// An AP-REQ is the name of its principal; "old" has expired, and "?" is none.
class FakeReader final : public TicketReader {
 public:
  std::expected<ShownTicket, BadTicket> read(const std::string& service, std::string_view request) override {
    askedFor = service;
    if (request == "?") return std::unexpected(BadTicket{true, 60, "no AP-REQ", "no AP-REQ at all"});
    if (request == "old") return std::unexpected(BadTicket{false, 32, "Ticket expired", "expired, of kvno 3"});
    return ShownTicket{std::string(request), "AP-REP", "proof of " + std::string(request)};
  }
  std::string refusal(const std::string&, std::int32_t code, const std::string& text) override {
    return std::to_string(code) + " " + text;
  }

  std::string askedFor;
};

struct Told {
  Outcome outcome;
  std::string reply;
};

struct Stage {
  Told login(const std::string& request, std::string_view protocol = "pop3") {
    return loop.runUntilDone(play(parts, request, protocol));
  }
  static Task<Told> play(const TicketParts& parts, std::string request, std::string_view protocol) {
    TicketLogin login(&parts, protocol);
    Outcome outcome = co_await login.judge(request);
    std::string reply = co_await login.reply(outcome);
    co_return Told{std::move(outcome), std::move(reply)};
  }

  net::Loop loop;
  prometheus::Registry registry;
  prometheus::Gauge& waiting = prometheus::BuildGauge().Name("waiting").Register(registry).Add({});
  WorkerThreads workers{loop, 1, 8, "tickets", waiting};
  Holders principals;
  FakeReader reader;
  Seen seen;
  KerberosSettings settings{.keytab = "x", .services = {"imap", "pop"}, .replayCache = {}};
  TicketParts parts{settings, reader, workers, principals, seen};
};

Task<std::string> throttled(const TicketParts& parts) {
  TicketLogin login(&parts, "pop3");
  co_await login.judge("alice@EXAMPLE.TEST");
  co_return co_await login.reply({.result = Result::throttled});
}

Task<Told> withoutKeytab() {
  TicketLogin login(nullptr, "pop3");
  Outcome outcome = co_await login.judge("alice@EXAMPLE.TEST");
  std::string reply = co_await login.reply(outcome);
  co_return Told{std::move(outcome), std::move(reply)};
}

}  // namespace

TEST_CASE("a ticket opens the account that has its principal", "[accountd][kerberos][kpop]") {
  Stage stage;
  const Told told = stage.login("alice@EXAMPLE.TEST");
  CHECK(told.outcome.result == Result::ok);
  CHECK(told.outcome.account == 7);
  CHECK(told.outcome.address == "alice@mail.test");
  CHECK(told.outcome.claimedName == "alice@EXAMPLE.TEST");
  CHECK(told.reply == "AP-REP");
  CHECK(stage.reader.askedFor == "pop");
}

TEST_CASE("an AP-REQ is good once", "[accountd][kerberos][kpop]") {
  Stage stage;
  CHECK(stage.login("alice@EXAMPLE.TEST").outcome.result == Result::ok);
  const Told again = stage.login("alice@EXAMPLE.TEST");
  CHECK(again.outcome.result == Result::badTicket);
  CHECK(again.outcome.claimedName.empty());
  CHECK(again.reply == "34 Request is a replay");
  CHECK(stage.seen.noted == std::set<std::string>{"proof of alice@EXAMPLE.TEST"});
}

TEST_CASE("who is refused is told why by a KRB-ERROR", "[accountd][kerberos][kpop]") {
  Stage stage;
  Told told = stage.login("nobody@EXAMPLE.TEST");
  CHECK(told.outcome.result == Result::noSuchUser);
  CHECK(told.outcome.claimedName == "nobody@EXAMPLE.TEST");
  CHECK(told.reply == "60 No account here has your principal");
  told = stage.login("gone@EXAMPLE.TEST");
  CHECK(told.outcome.result == Result::disabled);
  CHECK(told.reply == "60 This account is disabled");
  told = stage.login("old");
  CHECK(told.outcome.result == Result::badTicket);
  CHECK(told.outcome.detail == "expired, of kvno 3");
  CHECK(told.reply == "32 Ticket expired");
  told = stage.login("?");
  CHECK(told.outcome.result == Result::malformed);
  CHECK(told.reply == "60 no AP-REQ");
  told = stage.login(std::string(65'537, 'x'));
  CHECK(told.outcome.result == Result::malformed);
  CHECK(told.reply == "60 An AP-REQ of more than 64 KiB");
  CHECK(stage.loop.runUntilDone(throttled(stage.parts)) == "60 Too many failed logins, try again later");
}

TEST_CASE("where no tickets are taken there is nothing to say in Kerberos's words", "[accountd][kerberos][kpop]") {
  Stage stage;
  Told told = stage.login("alice@EXAMPLE.TEST", "submission");  // the keytab has no key of smtp
  CHECK(told.outcome.result == Result::noSuchMechanism);
  CHECK(told.reply.empty());
  told = stage.loop.runUntilDone(withoutKeytab());
  CHECK(told.outcome.result == Result::noSuchMechanism);
  CHECK(told.reply.empty());
}
