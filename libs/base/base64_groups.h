#pragma once
#include <cstddef>
#include <string_view>

namespace posthouse::base64 {

/// What one group of four characters of base64 stands for (RFC 4648 §4).
inline constexpr std::size_t kGroup = 4;
inline constexpr std::size_t kGroupOctets = 3;

/// Octets that `decodeGroups` may write, and leave without meaning, behind those that it decoded.
inline constexpr std::size_t kSpare = 8;

/// Decodes groups from the beginning of `text` up to the first that is cut short or has a character outside of the
/// alphabet, "=" among them. Gives the number of characters decoded, a multiple of kGroup. `to` has room for
/// kGroupOctets a group, and for kSpare.
std::size_t decodeGroups(std::string_view text, char* to) noexcept;

/// Encodes whole groups: the size of `octets` is a multiple of kGroupOctets. `to` has room for kGroup characters for
/// each.
void encodeGroups(std::string_view octets, char* to) noexcept;

}  // namespace posthouse::base64
