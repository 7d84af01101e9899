#pragma once
#include <cstddef>
#include <string_view>

namespace posthouse::utf8 {

/// Whether all of `octets` is UTF-8: no overlong form, no surrogate, nothing past U+10FFFF (RFC 3629 §4).
constexpr bool isValid(std::string_view octets) noexcept {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(octets[i]); };
  for (std::size_t i = 0; i < octets.size();) {
    const unsigned char lead = at(i++);
    if (lead < 0x80) continue;
    if (lead < 0xC2 || lead > 0xF4) return false;
    const std::size_t tail = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    if (octets.size() - i < tail) return false;
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (at(i) < low || at(i) > high) return false;
    for (std::size_t k = 1; k < tail; ++k) {
      if ((at(i + k) & 0xC0) != 0x80) return false;
    }
    i += tail;
  }
  return true;
}

}  // namespace posthouse::utf8
