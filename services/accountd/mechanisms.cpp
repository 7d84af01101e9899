#include "mechanisms.h"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "base/ascii.h"
#include "sasl/exchange.h"

namespace posthouse::accountd {
namespace {

constexpr std::array<Mechanism, 2> kOffered{{{"PLAIN"}, {"LOGIN"}}};

}  // namespace

std::span<const Mechanism> Mechanisms::offered() const {
  return kOffered;
}

Task<Outcome> Mechanisms::exchange(std::string mechanism, std::optional<std::string> initialResponse,
                                   Connection connection, Conversation& conversation) {
  const auto found = std::ranges::find_if(
      kOffered, [&](const Mechanism& offered) { return ascii::equalsIgnoringCase(offered.name, mechanism); });
  if (found == kOffered.end() || (found->needsTls && !connection.isTls)) {
    co_return Outcome{.result = Outcome::Result::noSuchMechanism};
  }
  co_return co_await byPassword(found->name, std::move(initialResponse), conversation);
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
