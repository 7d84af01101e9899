#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authenticator.h"
#include "conversation.h"

namespace posthouse::accountd {

/// A mechanism that clients can be offered.
struct Mechanism {
  std::string_view name;
  bool needsTls = false;  // it binds to the channel
};

/// The SASL mechanisms, and an exchange by one of them: a coroutine that asks the client and looks things up, until it
/// knows who the client is.
class Mechanisms {
 public:
  explicit Mechanisms(Authenticator& authenticator) : authenticator_(authenticator) {}

  /// In the order to announce them.
  std::span<const Mechanism> offered() const;

  /// Throws ConversationEnded, Overloaded and what the database throws.
  Task<Outcome> exchange(std::string mechanism, std::optional<std::string> initialResponse, Connection connection,
                         Conversation& conversation);

 private:
  Task<Outcome> byPassword(std::string_view mechanism, std::optional<std::string> response, Conversation& conversation);

  Authenticator& authenticator_;
};

}  // namespace posthouse::accountd
