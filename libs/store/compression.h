#pragma once
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace posthouse::store {

/// What is stored is not what was stored.
class Damaged : public std::runtime_error {
 public:
  Damaged() : std::runtime_error("a stored body is damaged") {}
};

/// `octets` by zstd.
std::string compress(std::string_view octets);

/// Whether so many octets after compression instead of `raw` before are worth the decompression: 5 % less.
constexpr bool isWorthIt(std::size_t compressed, std::size_t raw) noexcept {
  return compressed < raw - raw / 20;
}

/// Whether compressing gains anything, judged by the middle of `octets`: the beginning of a mail is header fields and
/// text even where the rest is an attachment.
bool isCompressible(std::string_view octets);

/// How many octets were compressed; nothing if that is not to be seen.
std::optional<std::size_t> sizeBefore(std::string_view compressed) noexcept;

/// Writes the `size` octets that were compressed. Throws Damaged, also if they are not that many.
void decompress(std::string_view compressed, char* to, std::size_t size);

}  // namespace posthouse::store
