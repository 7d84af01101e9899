#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace posthouse::store {

/// `octets` by zstd.
std::string compress(std::string_view octets);

/// Whether so many octets after compression instead of `raw` before are worth the decompression: 5 % less.
constexpr bool isWorthIt(std::size_t compressed, std::size_t raw) noexcept {
  return compressed < raw - raw / 20;
}

/// Whether compressing gains anything, judged by the middle of `octets`: the beginning of a mail is header fields and
/// text even where the rest is an attachment.
bool isCompressible(std::string_view octets);

/// Writes the `size` octets that were compressed. Throws std::runtime_error if they are not that many, or were damaged.
void decompress(std::string_view compressed, char* to, std::size_t size);

}  // namespace posthouse::store
