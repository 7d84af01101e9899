#pragma once
#include <cstddef>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/hash.h"
#include "sasl/scram_error.h"
#include "sasl/scram_keys.h"
#include "sasl/scram_message.h"

/// SCRAM-SHA-1 and SCRAM-SHA-1-PLUS (RFC 5802), SCRAM-SHA-256 and SCRAM-SHA-256-PLUS (RFC 7677), the server's side, in
/// three pure steps: beginScram reads whom the client claims to be, and the caller looks up his keys or makes fake
/// ones; challengeScram asks for the proof; finishScram verifies it. What lies between the steps is a value.
namespace posthouse::sasl {

/// What a TLS connection can be bound to: octets by type, without TLS nothing. A type without octets is not there.
using ChannelBindings = std::map<std::string, std::string, std::less<>>;

/// Keying material of the connection, from the label "EXPORTER-Channel-Binding", 32 octets (RFC 9266 §2).
inline constexpr std::string_view kTlsExporter = "tls-exporter";
/// The hash of the server's certificate (RFC 5929 §4).
inline constexpr std::string_view kTlsServerEndPoint = "tls-server-end-point";

/// What the name of a mechanism says.
struct ScramMechanism {
  crypto::Hash hash = crypto::Hash::sha256;
  bool plus = false;  // bound to the channel
  bool operator==(const ScramMechanism&) const = default;
};

/// Nothing if the mechanism is not one of the four; letters of either case.
std::optional<ScramMechanism> scramMechanism(std::string_view name);

/// The mechanism that was begun, and where.
struct ScramContext {
  bool plus = false;         // the mechanism is a -PLUS
  bool plusOffered = false;  // one was announced on this connection
  ChannelBindings channelBindings;
};

/// An exchange after the client's first message.
struct ScramStart {
  ScramClientFirst first;
  std::string expectedBinding;  // octets: what the client's "c=" must hold

  /// As the client sent it: the caller prepares it (SASLprep, RFC 5802 §5.1) before he looks for it.
  const std::string& username() const noexcept { return first.username; }
  /// Whom it wants to act as; empty: itself. Whether it may, the caller decides, after the proof.
  const std::string& authorizationIdentity() const noexcept { return first.header.authorizationIdentity; }
};

/// An exchange that waits for the client's proof.
struct ScramChallenge {
  std::string message;  // the server-first-message, to be sent
  ScramStart start;
  std::vector<ScramKeys> candidates;  // of the passwords that the client may prove
  std::string nonce;                  // the client's and ours
};

/// A proof that was right.
struct ScramProof {
  std::string message;        // the server-final-message, "v=…"
  std::size_t candidate = 0;  // which of the challenge's
};

/// Reads the client-first-message, and refuses it where it and the context disagree on channel binding (RFC 5802 §6): a
/// client that has been made to believe that there is no -PLUS, a type that is not there, a "p=" without -PLUS, a -PLUS
/// without "p=". Errors besides: those of parseScramClientFirst.
std::expected<ScramStart, ScramError> beginScram(std::string_view message, const ScramContext& context);

/// `keys` must be of the mechanism's hash. `serverNonce` is new for each exchange, of printable characters without a
/// comma: crypto::randomToken(18).
ScramChallenge challengeScram(ScramStart start, ScramKeys keys, std::string_view serverNonce);

/// The same for somebody who has several passwords: one or more, whose keys have one salt and one number of iterations,
/// since the challenge has room for no more.
ScramChallenge challengeScram(ScramStart start, std::vector<ScramKeys> candidates, std::string_view serverNonce);

/// Reads the client-final-message and verifies nonce, channel binding and proof. The proof's message is to be sent with
/// success; nobody has authenticated without it. Errors: those of parseScramClientFinal; otherError (another nonce),
/// channelBindingsDontMatch (another "c="), invalidProof.
std::expected<ScramProof, ScramError> finishScram(const ScramChallenge& challenge, std::string_view message);

}  // namespace posthouse::sasl
