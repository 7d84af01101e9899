#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/sealing_keys.h"
#include "store/totp_repository.h"

namespace posthouse::accountd {

/// What makes an account's codes of TOTP (RFC 6238): SHA-1, six digits, 30 seconds, which is all that every
/// authenticator knows.
inline constexpr std::size_t kTotpSecret = 20;  // octets (RFC 4226 §4, R6)

/// Three of a million codes are right at a time. After so many wrong ones in a row no code is taken, until a recovery
/// code was: only whoever has the password can bring it about.
inline constexpr int kMostWrongCodes = 100;

/// As it is stored; there must be a key.
std::string sealTotp(const crypto::SealingKeys& keys, std::string_view secret, std::string_view address);

/// A code that was right.
struct TotpProof {
  std::int64_t step = 0;
  std::string sealed;  // the secret, sealed with the first key
};

/// Which step a code is of: the present one, or one of its two neighbours, for clocks differ and people type slowly
/// (RFC 6238 §5.2); nothing if it is none of them, or not younger than the last that was taken. Throws
/// std::runtime_error if no key opens the secret.
std::optional<TotpProof> proveTotp(const crypto::SealingKeys& keys, const store::Totp& totp, std::string_view address,
                                   std::string_view code, std::chrono::system_clock::time_point now);

}  // namespace posthouse::accountd
