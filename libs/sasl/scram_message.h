#pragma once
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "sasl/gs2.h"
#include "sasl/scram_error.h"

/// What a client of SCRAM says, as values (RFC 5802 §7). What the server answers is in scram.h.
namespace posthouse::sasl {

/// client-first-message
struct ScramClientFirst {
  static constexpr std::size_t kMaxSize = 2048;  // octets

  Gs2Header header;
  std::string username;    // decoded, and not prepared yet; not empty
  std::string nonce;       // printable, not empty
  std::string headerText;  // the gs2-header as it came: "c=" repeats it
  std::string bare;        // client-first-message-bare as it came: the proof covers it
  bool operator==(const ScramClientFirst&) const = default;
};

/// client-final-message
struct ScramClientFinal {
  static constexpr std::size_t kMaxSize = 8192;  // octets

  std::string channelBinding;  // cbind-input: a gs2-header, and what it is bound to
  std::string nonce;
  std::string proof;         // octets of any number
  std::string withoutProof;  // client-final-message-without-proof as it came: the proof covers it
  bool operator==(const ScramClientFinal&) const = default;
};

/// Optional extensions are passed over. Errors: invalidEncoding, invalidUsernameEncoding (not UTF-8, empty, or "="
/// without 2C or 3D), extensionsNotSupported ("m=").
std::expected<ScramClientFirst, ScramError> parseScramClientFirst(std::string_view message);

/// Likewise; without invalidUsernameEncoding.
std::expected<ScramClientFinal, ScramError> parseScramClientFinal(std::string_view message);

}  // namespace posthouse::sasl
