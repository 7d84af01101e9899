// Sessions that are ended from outside (login::OpenSessions).
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "house.h"

using namespace posthouse;
using namespace posthouse::imapd;
using namespace std::chrono_literals;

namespace {

void end(House& house, login::EndReason reason, std::int64_t number = 1) {
  const login::Ending ending{.account = house.alice, .number = number, .reason = reason};
  house.openSessions.end({&ending, 1});
}

Task<> inIdle(House& house, Street& street) {
  const auto idler = co_await street.inInbox();
  co_await idler->send("i IDLE");
  CHECK(co_await idler->line() == "+ idling");
  end(house, login::EndReason::disabled);
  CHECK(co_await idler->line() == "* BYE [ALERT] Your account has been disabled");
  CHECK(co_await idler->line() == "(end)");
}

Task<> betweenCommands(House& house, Street& street) {
  const auto client = co_await street.inInbox();
  co_await client->ask("n NOOP");
  end(house, login::EndReason::loggedOut);
  CHECK(co_await client->line() == "* BYE Logged out by an administrator");
  CHECK(co_await client->line() == "(end)");
}

Task<> withinALiteral(House& house, Street& street) {
  const auto client = co_await street.inInbox();
  co_await client->send("a APPEND INBOX {100}");
  CHECK((co_await client->line()).starts_with("+ "));
  end(house, login::EndReason::loggedOut);
  CHECK(co_await client->line() == "* BYE Logged out by an administrator");
}

/// It reads nothing of what it has asked for.
Task<> slowReader(House& house, Street& street) {
  const auto client = co_await street.inInbox();
  const std::string text(std::size_t{1024} * 1024, 'x');
  co_await client->ask(fmt::format("a APPEND INBOX {{{}+}}\r\n\r\n{}", text.size() + 2, text));
  for (int i = 0; i < 64; ++i) co_await client->send(fmt::format("f{} FETCH 1 BODY.PEEK[]", i));
  const double before = house.metrics.fetchOctets.Value();
  double sent = before;
  for (int still = 0; still < 10; co_await house.loop.sleep(100ms)) {  // until it cannot go on
    const double now = house.metrics.fetchOctets.Value();
    still = now == sent && now != before ? still + 1 : 0;
    sent = now;
  }
  CHECK(sent < 64.0 * static_cast<double>(text.size()));
  end(house, login::EndReason::disabled);
  const auto begun = std::chrono::steady_clock::now();
  while (house.watchers.sessions(house.alice) > 0 && std::chrono::steady_clock::now() - begun < 10s)
    co_await house.loop.sleep(1ms);
  CHECK(house.watchers.sessions(house.alice) == 0);
  bool saysBye = false;
  for (std::string line; line != "(end)";) {
    try {
      line = co_await client->line();
    } catch (const net::ConnectionLost&) {
      break;
    } catch (const net::LineTooLong&) {
      break;
    }
    saysBye = saysBye || line.starts_with("* BYE");
  }
  CHECK_FALSE(saysBye);  // it would be taken for a part of the message
}

Task<> loginThatLost(House& house, Street& street) {
  end(house, login::EndReason::disabled, 5);
  house.authenticator.identity.knownEnding = 4;
  const auto late = co_await street.connected();
  co_await late->line();
  co_await late->ask("l LOGIN alice secret");
  CHECK(co_await late->line() == "* BYE [ALERT] Your account has been disabled");
  house.authenticator.identity.knownEnding = 5;
  const auto later = co_await street.inInbox();
  CHECK(co_await later->ask("n NOOP") == "n OK NOOP completed");
}

void play(Task<> (*story)(House&, Street&)) {
  FurnishedHouse furnished;
  Street street(furnished.house);
  furnished.house.loop.runUntilDone(story(furnished.house, street));
}

}  // namespace

TEST_CASE("a session that is ended hears why, whatever it waits for", "[imapd]") {
  play(inIdle);
  play(betweenCommands);
  play(withinALiteral);
}

TEST_CASE("who does not read is not waited for when his session is ended", "[imapd]") {
  play(slowReader);
}

TEST_CASE("an ending that came before the login was over ends it, and one that the login knew does not", "[imapd]") {
  play(loginThatLost);
}
