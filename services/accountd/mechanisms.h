#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "authenticator.h"
#include "conversation.h"
#include "credentials.h"
#include "sasl/mechanism.h"
#include "scram_exchange.h"

namespace posthouse::accountd {

/// The SASL mechanisms, and an exchange by one of them: a coroutine that asks the client and looks things up, until it
/// knows who the client is.
class Mechanisms {
 public:
  /// Those that this program can lead, in the order in which clients should choose.
  static std::span<const std::string_view> known();

  /// `offered`: some of them.
  Mechanisms(const std::vector<std::string>& offered, Authenticator& authenticator, Credentials& credentials,
             std::uint32_t scramIterations);

  /// In the order to announce them.
  const std::vector<const sasl::Mechanism*>& offered() const noexcept { return offered_; }

  /// Throws ConversationEnded, Overloaded and what the database throws.
  Task<Outcome> exchange(std::string mechanism, std::optional<std::string> initialResponse, Connection connection,
                         Conversation& conversation);

 private:
  Task<Outcome> byScram(sasl::ScramMechanism mechanism, std::optional<std::string> response, Connection connection,
                        Conversation& conversation);
  Task<Outcome> byPassword(std::string_view mechanism, std::optional<std::string> response, Conversation& conversation);

  std::vector<const sasl::Mechanism*> offered_;
  Authenticator& authenticator_;
  Credentials& credentials_;
  ScramDecoy decoy_;
};

}  // namespace posthouse::accountd
