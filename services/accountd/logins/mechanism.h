#pragma once
#include <optional>
#include <string>

#include "logins/authenticator.h"
#include "logins/conversation.h"
#include "sasl/mechanism.h"

namespace posthouse::accountd {

/// A SASL mechanism as this program leads it (RFC 4422 §3): a coroutine that asks the client and looks things up, until
/// it knows who the client is.
class Mechanism {
 public:
  /// `name`: one of sasl::knownMechanisms().
  explicit Mechanism(std::string_view name) : properties_(*sasl::findMechanism(name)) {}
  virtual ~Mechanism() = default;

  const sasl::Mechanism& properties() const noexcept { return properties_; }

  /// Throws ConversationEnded, Overloaded and what the database throws.
  virtual Task<Outcome> exchange(std::optional<std::string> initialResponse, Connection connection,
                                 Conversation& conversation) = 0;

 private:
  const sasl::Mechanism& properties_;
};

}  // namespace posthouse::accountd
