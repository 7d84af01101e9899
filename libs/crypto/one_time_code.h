#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/hash.h"

/// One-time codes: HOTP (RFC 4226), and TOTP (RFC 6238), whose counter is the time.
namespace posthouse::crypto {

/// HOTP(K,C), RFC 4226 §5.3: `digits` decimal digits, 6 to 8. `hash` is sha1, sha256 or sha512 (RFC 6238 §1.2).
std::string oneTimeCode(std::string_view key, std::uint64_t counter, int digits = 6, Hash hash = Hash::sha1);

/// X, RFC 6238 §4: how long a code of TOTP is shown.
inline constexpr std::chrono::seconds kTimeStep{30};

/// T of RFC 6238 §4.2: the steps since 1970. The time is not before that.
std::int64_t timeStep(std::chrono::system_clock::time_point time);

}  // namespace posthouse::crypto
