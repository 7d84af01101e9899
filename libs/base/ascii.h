#pragma once
#include <algorithm>
#include <string>
#include <string_view>

/// ASCII as protocols mean it: never the locale's idea of a letter.
namespace posthouse::ascii {

constexpr bool isDigit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool isUpper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}
constexpr bool isLower(char c) noexcept {
  return c >= 'a' && c <= 'z';
}
constexpr bool isAlpha(char c) noexcept {
  return isUpper(c) || isLower(c);
}
constexpr bool isAlnum(char c) noexcept {
  return isAlpha(c) || isDigit(c);
}
constexpr bool isHexDigit(char c) noexcept {
  return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
/// A space or a tab: WSP of RFC 5234 B.1.
constexpr bool isBlank(char c) noexcept {
  return c == ' ' || c == '\t';
}
/// CTL of RFC 5234 B.1: 0 to 31 and 127.
constexpr bool isControl(char c) noexcept {
  return static_cast<unsigned char>(c) < 32 || c == 127;
}
constexpr bool isEightBit(char c) noexcept {
  return static_cast<unsigned char>(c) >= 128;
}

constexpr char toLower(char c) noexcept {
  return isUpper(c) ? static_cast<char>(c + 32) : c;
}
constexpr char toUpper(char c) noexcept {
  return isLower(c) ? static_cast<char>(c - 32) : c;
}

inline std::string toLower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = toLower(c);
  return lowered;
}

inline std::string toUpper(std::string_view text) {
  std::string raised(text);
  for (char& c : raised) c = toUpper(c);
  return raised;
}

/// Equal where letters of either case are the same.
constexpr bool equalsIgnoringCase(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return toLower(x) == toLower(y); });
}

constexpr bool startsWithIgnoringCase(std::string_view text, std::string_view prefix) noexcept {
  return text.size() >= prefix.size() && equalsIgnoringCase(text.substr(0, prefix.size()), prefix);
}

/// Without the blanks (space, tab) at both ends.
constexpr std::string_view trimBlanks(std::string_view text) noexcept {
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace posthouse::ascii
