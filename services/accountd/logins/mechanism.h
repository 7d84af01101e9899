#pragma once
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "logins/authenticator.h"
#include "logins/conversation.h"
#include "sasl/mechanism.h"

namespace posthouse::accountd {

/// What a mechanism needs cannot be used now: an administrator has to see to it, and no client is to blame.
class MechanismUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A SASL mechanism as this program leads it (RFC 4422 §3): a coroutine that asks the client and looks things up, until
/// it knows who the client is.
class Mechanism {
 public:
  /// `name`: one of sasl::knownMechanisms().
  explicit Mechanism(std::string_view name) : properties_(*sasl::findMechanism(name)) {}
  virtual ~Mechanism() = default;

  const sasl::Mechanism& properties() const noexcept { return properties_; }

  /// Whether clients of a protocol (Connection::protocol) can use it.
  virtual bool serves(std::string_view) const { return true; }

  /// Throws ConversationEnded, TurnedAway, Overloaded, MechanismUnavailable and what the database throws.
  virtual Task<Outcome> exchange(std::optional<std::string> initialResponse, Connection connection,
                                 Conversation& conversation) = 0;

 private:
  const sasl::Mechanism& properties_;
};

}  // namespace posthouse::accountd
