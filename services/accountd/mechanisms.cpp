#include "mechanisms.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/ascii.h"
#include "sasl/exchange.h"

namespace posthouse::accountd {

std::span<const std::string_view> Mechanisms::known() {
  static constexpr std::array<std::string_view, 6> kKnown{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS",
                                                          "SCRAM-SHA-1",        "PLAIN",         "LOGIN"};
  return kKnown;
}

Mechanisms::Mechanisms(const std::vector<std::string>& offered, Authenticator& authenticator, Credentials& credentials,
                       std::uint32_t scramIterations)
    : authenticator_(authenticator), credentials_(credentials), decoy_{.secret = {}, .iterations = scramIterations} {
  for (const std::string& name : offered) offered_.push_back(sasl::findMechanism(name));
}

Task<Outcome> Mechanisms::exchange(std::string name, std::optional<std::string> initialResponse, Connection connection,
                                   Conversation& conversation) {
  const auto offered = std::ranges::find_if(
      offered_, [&](const sasl::Mechanism* one) { return ascii::equalsIgnoringCase(one->name, name); });
  if (offered == offered_.end() || ((*offered)->needsTls && !connection.isTls)) {
    co_return Outcome{.result = Outcome::Result::noSuchMechanism};
  }
  if (const auto scram = sasl::scramMechanism(name)) {
    co_return co_await byScram(*scram, std::move(initialResponse), std::move(connection), conversation);
  }
  co_return co_await byPassword((*offered)->name, std::move(initialResponse), conversation);
}

Task<Outcome> Mechanisms::byScram(sasl::ScramMechanism mechanism, std::optional<std::string> response,
                                  Connection connection, Conversation& conversation) {
  const bool offersPlus =
      std::ranges::any_of(offered_, [](const sasl::Mechanism* one) { return one->name.ends_with("-PLUS"); });
  if (!offersPlus) connection.channelBindings.clear();
  if (decoy_.secret.empty()) decoy_.secret = co_await credentials_.sharedSecret("scram decoy");
  co_return co_await scramExchange(mechanism, std::move(response), connection, credentials_, decoy_, conversation);
}

/// PLAIN and LOGIN: the client says its password.
Task<Outcome> Mechanisms::byPassword(std::string_view mechanism, std::optional<std::string> response,
                                     Conversation& conversation) {
  const auto exchange = sasl::begin(mechanism);
  sasl::Step step = exchange->next(response);
  while (auto* challenge = std::get_if<sasl::Challenge>(&step)) {
    response = co_await conversation.ask(std::move(challenge->octets));
    step = exchange->next(*response);
  }
  if (auto* malformed = std::get_if<sasl::Malformed>(&step)) {
    co_return Outcome{.result = Outcome::Result::malformed, .text = std::move(malformed->reason)};
  }
  auto& said = std::get<sasl::Credentials>(step);
  co_return co_await authenticator_.authenticate({.authorizationIdentity = std::move(said.authorizationIdentity),
                                                  .authenticationIdentity = std::move(said.authenticationIdentity),
                                                  .password = std::move(said.password)});
}

}  // namespace posthouse::accountd
