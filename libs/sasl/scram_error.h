#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace posthouse::sasl {

/// Why an exchange of SCRAM has failed: server-error-value of RFC 5802 §7.
enum class ScramError : std::uint8_t {
  invalidEncoding,  // not a message of SCRAM
  extensionsNotSupported,
  invalidProof,  // wrong password; say the same to a stranger
  channelBindingsDontMatch,
  serverDoesSupportChannelBinding,  // the client believes otherwise: somebody has changed what we announced
  channelBindingNotSupported,
  unsupportedChannelBindingType,
  unknownUser,  // tells who exists: prefer invalidProof with fakeScramKeys
  invalidUsernameEncoding,
  noResources,
  otherError,
};

/// As the RFC spells it: "invalid-proof".
std::string_view toString(ScramError error) noexcept;

/// The server-final-message of a failure, "e=invalid-proof". A protocol sends it as a challenge, which the client
/// answers with nothing, or not at all: its own refusal tells as much (RFC 4422 §3.6).
std::string serverErrorMessage(ScramError error);

}  // namespace posthouse::sasl
