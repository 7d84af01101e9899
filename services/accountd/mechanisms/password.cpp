#include "mechanisms/password.h"

#include <utility>
#include <variant>

#include "sasl/exchange.h"

namespace posthouse::accountd {

Task<Outcome> PasswordMechanism::exchange(std::optional<std::string> response, Connection connection,
                                          Conversation& conversation) {
  const auto exchange = sasl::begin(properties().name);
  sasl::Step step = exchange->next(response);
  while (auto* challenge = std::get_if<sasl::Challenge>(&step)) {
    response = co_await conversation.ask(std::move(challenge->octets));
    step = exchange->next(*response);
  }
  if (auto* malformed = std::get_if<sasl::Malformed>(&step)) {
    co_return Outcome{.result = Outcome::Result::malformed, .text = std::move(malformed->reason)};
  }
  auto& said = std::get<sasl::Credentials>(step);
  co_await conversation.claims(said.authenticationIdentity, said.password);
  co_return co_await authenticator_.authenticate({.authorizationIdentity = std::move(said.authorizationIdentity),
                                                  .authenticationIdentity = std::move(said.authenticationIdentity),
                                                  .password = std::move(said.password),
                                                  .connection = std::move(connection)});
}

}  // namespace posthouse::accountd
