#pragma once
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "pop3/texts/english.h"

namespace posthouse::pop3 {

/// How many arguments a text wants: one more than the highest number in "{0}" or "{0:message|messages}".
constexpr std::size_t argumentsOf(std::string_view text) noexcept {
  std::size_t count = 0;
  for (std::size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1))
    count = std::max(count, static_cast<std::size_t>(text[open + 1] - '0') + 1);
  return count;
}

/// A text for people, by its English words: those are looked up by the compiler, which refuses what texts/english.h
/// does not have. What is kept, and read when the text is sent, is its place there.
class Text {
 public:
  consteval Text(const char* english) : place_(placeOf(english)) {  // NOLINT: a text is written as its words
    if (place_ == kEnglish.size()) throw "this text is missing in libs/pop3/texts/english.h";
  }

  /// Of words that were made elsewhere; nothing if they are not in the catalogue. Looks through all of it.
  static std::optional<Text> find(std::string_view english) noexcept {
    const std::size_t place = placeOf(english);
    if (place == kEnglish.size()) return std::nullopt;
    return Text(static_cast<std::uint16_t>(place));
  }

  std::size_t place() const noexcept { return place_; }
  std::string_view english() const noexcept { return kEnglish[place_]; }
  bool operator==(const Text&) const = default;

 private:
  explicit constexpr Text(std::uint16_t place) noexcept : place_(place) {}
  static constexpr std::uint16_t placeOf(std::string_view english) noexcept {
    return static_cast<std::uint16_t>(std::ranges::find(kEnglish, english) - kEnglish.begin());
  }

  std::uint16_t place_;
};

/// What stands in a text for "{0}": a number, words as they are, or another text.
class Argument {
 public:
  Argument() = default;
  Argument(std::unsigned_integral auto number) : value_(std::uint64_t{number}) {}  // NOLINT: see Reply::ok
  Argument(Text text) : value_(text) {}                                            // NOLINT
  Argument(std::string words) : value_(std::move(words)) {}                        // NOLINT

  const std::variant<std::uint64_t, Text, std::string>& value() const noexcept { return value_; }

 private:
  std::variant<std::uint64_t, Text, std::string> value_;
};

/// What others say in English: a text if the catalogue has it, else their words.
inline Argument said(std::string english) {
  if (const auto text = Text::find(english)) return *text;
  return std::move(english);
}

/// A text that wants no more arguments than are given with it.
template <class... Arguments>
class Wording {
 public:
  consteval Wording(const char* english) : text_(english) {  // NOLINT: as Text's
    if (argumentsOf(english) > sizeof...(Arguments)) throw "this text wants more arguments";
  }
  constexpr Wording(Text text) noexcept : text_(text) {}  // NOLINT

  constexpr Text text() const noexcept { return text_; }

 private:
  Text text_;
};

}  // namespace posthouse::pop3
