// Modified UTF-7 for mailbox names, RFC 3501 §5.1.3.
#include "imap/utf7.h"

#include <cstdint>

namespace posthouse::imap {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
constexpr char32_t kReplacement = 0xFFFD;

bool isDirect(char32_t c) {
  return c >= 0x20 && c <= 0x7E;
}
bool isHighSurrogate(char32_t c) {
  return c >= 0xD800 && c <= 0xDBFF;
}
bool isLowSurrogate(char32_t c) {
  return c >= 0xDC00 && c <= 0xDFFF;
}

/// The next character of `text`, which is shortened by it. Strict: overlong forms and surrogates are replaced.
char32_t takeUtf8(std::string_view& text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = octet(0);
  const std::size_t length = lead < 0x80                   ? 1
                             : lead >= 0xC2 && lead < 0xE0 ? 2
                             : lead >= 0xE0 && lead < 0xF0 ? 3
                             : lead >= 0xF0 && lead < 0xF5 ? 4
                                                           : 0;
  char32_t c = length == 1 ? lead : lead & (0x7F >> length);
  bool valid = length > 0 && length <= text.size();
  for (std::size_t i = 1; valid && i < length; ++i) {
    valid = (octet(i) & 0xC0) == 0x80;
    c = c << 6 | (octet(i) & 0x3F);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  valid = valid && c >= kLeast[length] && c <= 0x10FFFF && !isHighSurrogate(c) && !isLowSurrogate(c);
  text.remove_prefix(valid ? length : 1);
  return valid ? c : kReplacement;
}

void appendUtf8(std::string& out, char32_t c) {
  const auto put = [&](char32_t octet) { out += static_cast<char>(octet); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  }
}

/// UTF-16 in base 64 between "&" and "-".
class Shifted {
 public:
  explicit Shifted(std::string& out) : out_(out) {}

  void put(char32_t c) {
    if (!open_) out_ += '&';
    open_ = true;
    if (c < 0x10000) return putUnit(c);
    putUnit(0xD800 + ((c - 0x10000) >> 10));
    putUnit(0xDC00 + ((c - 0x10000) & 0x3FF));
  }

  void close() {
    if (!open_) return;
    if (count_ > 0) out_ += kAlphabet[bits_ << (6 - count_) & 0x3F];
    out_ += '-';
    open_ = false;
    bits_ = count_ = 0;
  }

 private:
  void putUnit(std::uint32_t unit) {
    bits_ = bits_ << 16 | unit;
    for (count_ += 16; count_ >= 6; count_ -= 6) out_ += kAlphabet[bits_ >> (count_ - 6) & 0x3F];
    bits_ &= 0x3F;
  }

  std::string& out_;
  bool open_ = false;
  std::uint32_t bits_ = 0;
  std::uint32_t count_ = 0;
};

/// Appends what a base 64 run stands for; false if it is not canonical.
bool decodeShifted(std::string_view run, std::string& out) {
  std::uint32_t bits = 0;
  int count = 0;
  char32_t high = 0;
  for (const char c : run) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 16) continue;
    count -= 16;
    const char32_t unit = bits >> count & 0xFFFF;
    bits &= (1u << count) - 1;
    if (isDirect(unit) || isLowSurrogate(unit) != (high != 0)) return false;
    if (isHighSurrogate(unit)) {
      high = unit;
    } else if (high != 0) {
      appendUtf8(out, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
      high = 0;
    } else {
      appendUtf8(out, unit);
    }
  }
  return high == 0 && bits == 0 && count < 6;
}

}  // namespace

std::string encodeUtf7(std::string_view utf8) {
  std::string out;
  Shifted shifted(out);
  while (!utf8.empty()) {
    const char32_t c = takeUtf8(utf8);
    if (!isDirect(c)) {
      shifted.put(c);
      continue;
    }
    shifted.close();
    out += static_cast<char>(c);
    if (c == '&') out += '-';
  }
  shifted.close();
  return out;
}

std::optional<std::string> decodeUtf7(std::string_view text) {
  std::string out;
  bool afterShift = false;
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (!isDirect(static_cast<unsigned char>(c))) return std::nullopt;
    if (c != '&') {
      out += c;
      afterShift = false;
      continue;
    }
    const std::size_t end = text.find('-');
    if (end == std::string_view::npos) return std::nullopt;
    if (end == 0) {
      out += '&';
      afterShift = false;
    } else {
      if (afterShift || !decodeShifted(text.substr(0, end), out)) return std::nullopt;
      afterShift = true;
    }
    text.remove_prefix(end + 1);
  }
  return out;
}

}  // namespace posthouse::imap
