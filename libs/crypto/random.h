#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace posthouse::crypto {

/// Octets that nobody can guess, from the operating system's generator.
std::string randomOctets(std::size_t count);

/// A number below `bound` (not 0), each equally likely.
std::uint32_t randomBelow(std::uint32_t bound);

/// A word of letters, digits, '-' and '_' that holds `octets` unguessable octets (base 64 for URLs, RFC 4648 §5).
std::string randomToken(std::size_t octets = 16);

}  // namespace posthouse::crypto
