#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "login/authenticator.h"
#include "sasl/apop.h"
#include "sasl/exchange.h"

namespace posthouse::test {

/// Knows one account by its name and password, by PLAIN and LOGIN; and keeps what it was asked.
class FakeAuthenticator final : public login::Authenticator {
 public:
  FakeAuthenticator(std::string clientName, login::Identity known)
      : identity(std::move(known)), name_(std::move(clientName)) {}

  login::Identity identity;
  std::string password = "secret";
  bool away = false;
  std::string disabledName;  // of an account that is disabled
  bool wantsAppPassword = false;
  login::Connection connection;
  std::string greeted;  // the timestamp that an APOP was of
  std::string ticket;   // the AP-REQ that is good; empty: no tickets are taken
  std::string ticketReply = "AP-REP";

  /// One more mechanism: what it asks, and the only answer to it.
  struct Turn {
    std::string challenge;
    std::string response;
  };
  std::string playedMechanism;
  std::vector<Turn> played;

  std::vector<std::string> mechanisms(const login::ConnectionTraits&) const override { return {"PLAIN", "LOGIN"}; }

  Task<login::Outcome> checkPassword(std::string name, std::string given, login::Connection from) override {
    connection = std::move(from);
    co_return judge(
        {.authorizationIdentity = {}, .authenticationIdentity = std::move(name), .password = std::move(given)});
  }

  /// The password is APOP's secret, too.
  Task<login::Outcome> checkApop(std::string name, std::string timestamp, std::string digest,
                                 login::Connection from) override {
    connection = std::move(from);
    greeted = timestamp;
    const bool isRight = sasl::verifyApop(timestamp, digest, password);
    co_return judge({.authorizationIdentity = {},
                     .authenticationIdentity = std::move(name),
                     .password = isRight ? password : std::string()});
  }

  Task<login::TicketAnswer> checkTicket(std::string request, login::Connection from) override {
    connection = std::move(from);
    if (away) co_return login::TicketAnswer{denied(login::Failure::unavailable)};
    if (ticket.empty()) co_return login::TicketAnswer{denied(login::Failure::noSuchMechanism)};
    if (request != ticket) co_return login::TicketAnswer{denied(login::Failure::badCredentials), "KRB-ERROR"};
    co_return login::TicketAnswer{identity, ticketReply};
  }

  Task<std::optional<login::Outcome>> exchange(std::string mechanism, std::optional<std::string> response,
                                               login::Connection from, login::Dialogue& dialogue) override {
    connection = std::move(from);
    if (!playedMechanism.empty() && mechanism == playedMechanism) co_return co_await play(dialogue);
    const auto exchange = sasl::begin(mechanism);
    if (!exchange) co_return denied(login::Failure::noSuchMechanism);
    sasl::Step step = exchange->next(response);
    while (auto* challenge = std::get_if<sasl::Challenge>(&step)) {
      response = co_await dialogue.ask(challenge->octets);
      if (!response) co_return std::nullopt;
      step = exchange->next(*response);
    }
    if (const auto* malformed = std::get_if<sasl::Malformed>(&step)) {
      co_return std::unexpected(login::Denial{.failure = login::Failure::malformed, .text = malformed->reason});
    }
    co_return judge(std::get<sasl::Credentials>(step));
  }

 private:
  Task<std::optional<login::Outcome>> play(login::Dialogue& dialogue) {
    for (const Turn& turn : played) {
      const std::optional<std::string> response = co_await dialogue.ask(turn.challenge);
      if (!response) co_return std::nullopt;
      if (*response != turn.response) co_return denied(login::Failure::badCredentials);
    }
    co_return identity;
  }

  static login::Outcome denied(login::Failure failure, std::string name = {}) {
    return std::unexpected(login::Denial{.failure = failure, .name = std::move(name)});
  }

  login::Outcome judge(const sasl::Credentials& said) const {
    const std::string& name = said.authenticationIdentity;
    if (away) return denied(login::Failure::unavailable, name);
    if (!disabledName.empty() && name == disabledName) return denied(login::Failure::disabled, name);
    if (name != name_ || said.password != password) return denied(login::Failure::badCredentials, name);
    if (wantsAppPassword) return denied(login::Failure::needsAppPassword, name);
    const bool asSelf = said.authorizationIdentity.empty() || said.authorizationIdentity == name;
    if (!asSelf) return denied(login::Failure::notAuthorized, name);
    return identity;
  }

  std::string name_;
};

}  // namespace posthouse::test
