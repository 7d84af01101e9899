// OAUTHBEARER as RFC 7628 §4 shows it, and XOAUTH2.
#include "mechanisms/bearer.h"

#include <catch2/catch.hpp>

#include "services/accountd/tokens/fake_holders.h"
#include "services/accountd/tokens/issuer_street.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace posthouse::test;
using Result = Outcome::Result;

namespace {

/// A client with its answers; where they end it gives up.
struct FakeClient : Conversation {
  std::vector<std::string> answers;
  std::vector<std::string> challenges;

  Task<std::string> ask(std::string challenge) override {
    challenges.push_back(std::move(challenge));
    if (challenges.size() > answers.size()) throw ConversationEnded();
    co_return answers[challenges.size() - 1];
  }
};

struct Dialogue {
  Dialogue() { street.open(); }

  Outcome play(const std::string& mechanism, std::optional<std::string> initialResponse,
               std::vector<std::string> answers) {
    client = {};
    client.answers = std::move(answers);
    BearerMechanism bearer(mechanism, holders, *street.verifier);
    return street.loop.runUntilDone(bearer.exchange(std::move(initialResponse), Connection{}, client));
  }
  static std::string message(const std::string& name, const std::string& token) {
    return "n," + (name.empty() ? "" : "a=" + name) + ",\x01host=server.example.com\x01port=143\x01" + "auth=Bearer " +
           token + "\x01\x01";
  }
  static std::string old(const std::string& name, const std::string& token) {
    return "user=" + name + "\x01" + "auth=Bearer " + token + "\x01\x01";
  }

  IssuerStreet street;
  FakeHolders holders;
  FakeClient client;
};

}  // namespace

TEST_CASE("a good token is enough, with the first message or after an empty challenge", "[accountd]") {
  Dialogue dialogue;
  const std::string message = Dialogue::message("alice@mail.test", dialogue.street.token());
  Outcome outcome = dialogue.play("OAUTHBEARER", message, {});
  CHECK(outcome.result == Result::ok);
  CHECK(outcome.account == 1);
  CHECK(outcome.address == "alice@mail.test");
  CHECK(outcome.claimedName == "alice@mail.test");
  CHECK(dialogue.client.challenges.empty());

  outcome = dialogue.play("OAUTHBEARER", std::nullopt, {message});
  CHECK(outcome.result == Result::ok);
  CHECK(dialogue.client.challenges == std::vector<std::string>{""});

  CHECK(dialogue.play("OAUTHBEARER", Dialogue::message("", dialogue.street.token()), {}).result == Result::ok);
  CHECK(dialogue.play("OAUTHBEARER", Dialogue::message("Alice@MAIL.test", dialogue.street.token()), {}).result ==
        Result::ok);
  CHECK(dialogue.play("XOAUTH2", Dialogue::old("alice@mail.test", dialogue.street.token()), {}).result == Result::ok);
}

TEST_CASE("what is wrong with a token is told, and then the exchange fails", "[accountd]") {
  Dialogue dialogue;
  const std::string expired = dialogue.street.token({{"exp", 1}});
  const std::string metadata = dialogue.street.url("/.well-known/openid-configuration");
  dialogue.street.close();
  dialogue.street.stop = {};
  dialogue.street.config.openidConfiguration = metadata;
  dialogue.street.open();

  Outcome outcome = dialogue.play("OAUTHBEARER", Dialogue::message("alice@mail.test", expired), {"\x01"});
  CHECK(outcome.result == Result::badPassword);
  CHECK(outcome.claimedName == "alice@mail.test");
  CHECK(dialogue.client.challenges == std::vector<std::string>{R"({"status":"invalid_token","scope":"mail",)"
                                                               R"("openid-configuration":")" +
                                                               metadata + "\"}"});

  outcome = dialogue.play("XOAUTH2", Dialogue::old("alice@mail.test", expired), {""});
  CHECK(outcome.result == Result::badPassword);
  CHECK(dialogue.client.challenges ==
        std::vector<std::string>{R"({"status":"401","schemes":"bearer","scope":"mail"})"});
}

TEST_CASE("a client may ask for the scope, as RFC 7628 section 4.3 has it", "[accountd]") {
  Dialogue dialogue;
  const Outcome outcome = dialogue.play("OAUTHBEARER",
                                        "n,a=user@example.com,\x01"
                                        "auth=\x01\x01",
                                        {"\x01"});
  CHECK(outcome.result == Result::badPassword);
  CHECK(dialogue.client.challenges == std::vector<std::string>{R"({"status":"invalid_token","scope":"mail"})"});
}

TEST_CASE("a token without the scope is told from a bad one", "[accountd]") {
  Dialogue dialogue;
  const std::string token = dialogue.street.token({{"scope", "openid"}});
  dialogue.play("OAUTHBEARER", Dialogue::message("", token), {"\x01"});
  CHECK(dialogue.client.challenges[0].contains(R"("status":"insufficient_scope")"));
  dialogue.play("XOAUTH2", Dialogue::old("alice@mail.test", token), {""});
  CHECK(dialogue.client.challenges[0].contains(R"("status":"403")"));
}

TEST_CASE("a client that cancels after the error has still tried", "[accountd]") {
  Dialogue dialogue;
  const Outcome outcome =
      dialogue.play("OAUTHBEARER", Dialogue::message("alice@mail.test", dialogue.street.token({{"exp", 1}})), {});
  CHECK(outcome.result == Result::badPassword);
  CHECK(dialogue.client.challenges.size() == 1);
}

TEST_CASE("a token opens its own account alone", "[accountd]") {
  Dialogue dialogue;
  const auto [name, email, result] = GENERATE(table<std::string, std::string, Result>({
      {"bob@mail.test", "alice@mail.test", Result::notAuthorized},
      {"alice", "alice@mail.test", Result::notAuthorized},
      {"alice@mail.test", "bob@mail.test", Result::noSuchUser},
      {"", "bob@mail.test", Result::noSuchUser},
      {"", "off@mail.test", Result::disabled},
      {"off@mail.test", "off@mail.test", Result::disabled},
      {"alice@mail.test", "alice@evil.test", Result::badPassword},
  }));
  CAPTURE(name, email);
  const std::string token = dialogue.street.token({{"email", email}});
  CHECK(dialogue.play("OAUTHBEARER", Dialogue::message(name, token), {"\x01"}).result == result);
  CHECK(dialogue.client.challenges == std::vector<std::string>{R"({"status":"invalid_token","scope":"mail"})"});
  if (name.empty()) return;
  CHECK(dialogue.play("XOAUTH2", Dialogue::old(name, token), {""}).result == result);
}

TEST_CASE("what is no message of the mechanism is malformed, without a challenge", "[accountd]") {
  Dialogue dialogue;
  const std::string token = dialogue.street.token();
  const auto [mechanism, message] = GENERATE_COPY(table<std::string, std::string>({
      {"OAUTHBEARER", ""},
      {"OAUTHBEARER", "\x01"},
      {"OAUTHBEARER", Dialogue::old("alice@mail.test", token)},
      {"OAUTHBEARER", Dialogue::message("alice@mail.test", token) + "x"},
      {"OAUTHBEARER", Dialogue::message("alice@mail.test", std::string(20000, 'A'))},
      {"XOAUTH2", ""},
      {"XOAUTH2", Dialogue::message("alice@mail.test", token)},
      {"XOAUTH2", Dialogue::old("", token)},
  }));
  CAPTURE(mechanism, message.substr(0, 60));
  CHECK(dialogue.play(mechanism, message, {"\x01"}).result == Result::malformed);
  CHECK(dialogue.client.challenges.empty());
}

TEST_CASE("where the issuer cannot be reached the client is to come again", "[accountd]") {
  Dialogue dialogue;
  dialogue.street.isDown = true;
  const std::string message = Dialogue::message("alice@mail.test", dialogue.street.token());
  CHECK_THROWS_AS(dialogue.play("OAUTHBEARER", message, {}), IssuerUnavailable);
}
