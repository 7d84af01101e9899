#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sasl/scram_keys.h"

/// Keys for SCRAM as they are stored: texts of sasl::toString with a blank between two.
namespace posthouse::accountd {

/// Those for one hash, in their order; what cannot be read is passed over.
std::vector<sasl::ScramKeys> keysIn(std::string_view text, crypto::Hash hash);

/// Keys of a prepared password for SHA-256 and SHA-1. For a hash that there are keys for in `like`, with the salt and
/// iterations of these; else with new ones, as many as `iterations`. Takes its time: not on the event loop.
std::string deriveScramText(std::string_view preparedPassword, std::uint32_t iterations, std::string_view like = {});

/// What whoever asks by SCRAM for somebody who has no keys is shown: the same for a name at every try.
std::string decoyScramText(std::string_view decoySecret, std::string_view name, std::uint32_t iterations);

/// Of Credentials::sharedSecret: what decoys are made of.
inline constexpr const char* kScramDecoy = "scram decoy";

}  // namespace posthouse::accountd
