#pragma once
#include <string_view>

namespace posthouse::sasl {

/// True if `digest` is APOP's of the greeting's timestamp (sasl/timestamp.h; with its angle brackets) and the secret,
/// in 32 lower-case hexadecimal digits (RFC 1939 §7). Takes the same time for all wrong ones that are digests.
bool verifyApop(std::string_view timestamp, std::string_view digest, std::string_view secret);

}  // namespace posthouse::sasl
