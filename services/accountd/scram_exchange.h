#pragma once
#include <optional>
#include <string>

#include "authenticator.h"
#include "conversation.h"
#include "credentials.h"
#include "sasl/scram.h"

namespace posthouse::accountd {

/// What keys are made up of for names that nobody has, so that each looks like a name that somebody has.
struct ScramDecoy {
  std::string secret;  // 32 octets, the same in every accountd
  std::uint32_t iterations = sasl::ScramKeys::kMinIterations;
};

/// SCRAM (RFC 5802, RFC 7677): the client proves that it knows the password, and we that we do. What we say at the end
/// goes as a challenge that the client answers with nothing: no protocol here has room for it beside its OK (RFC 4422
/// §3.6). Throws ConversationEnded, and what the database throws.
Task<Outcome> scramExchange(sasl::ScramMechanism mechanism, std::optional<std::string> initialResponse,
                            const Connection& connection, Credentials& credentials, const ScramDecoy& decoy,
                            Conversation& conversation);

}  // namespace posthouse::accountd
