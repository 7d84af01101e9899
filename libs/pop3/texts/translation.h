#pragma once
#include <span>
#include <string_view>

#include "pop3/language.h"

namespace posthouse::pop3 {

struct Translation {
  std::string_view english;  // as in english.h
  std::string_view words;
};

/// In the order of the catalogue. Of what is not in it, the compiler says so.
consteval std::array<std::string_view, kEnglish.size()> inOrder(std::span<const Translation> translations) {
  std::array<std::string_view, kEnglish.size()> texts;
  for (const Translation& translation : translations) {
    const auto place = std::ranges::find(kEnglish, translation.english);
    if (place == kEnglish.end()) throw "a text is translated that is not in english.h";
    texts[static_cast<std::size_t>(place - kEnglish.begin())] = translation.words;
  }
  return texts;
}

/// How the nouns of many languages go: "1 message", "0 messages", "2 messages".
constexpr std::size_t oneOrMany(std::uint64_t number) noexcept {
  return number == 1 ? 0 : 1;
}
/// "0 message", "1 message", "2 messages".
constexpr std::size_t upToOneOrMany(std::uint64_t number) noexcept {
  return number <= 1 ? 0 : 1;
}
constexpr std::size_t onlyOneForm(std::uint64_t) noexcept {
  return 0;
}
/// Whether a number ends in 2, 3 or 4, and not in 12, 13 or 14.
constexpr bool isFew(std::uint64_t number) noexcept {
  const std::uint64_t last = number % 10;
  return last >= 2 && last <= 4 && (number % 100 < 12 || number % 100 > 14);
}
/// 1; 2 to 4, 22 to 24 and so on; the others, 21 among them.
constexpr std::size_t polishForm(std::uint64_t number) noexcept {
  return number == 1 ? 0 : isFew(number) ? 1 : 2;
}
/// 1, 21, 31 and so on, but 11; 2 to 4, 22 to 24 and so on; the others.
constexpr std::size_t eastSlavicForm(std::uint64_t number) noexcept {
  return number % 10 == 1 && number % 100 != 11 ? 0 : isFew(number) ? 1 : 2;
}

extern const Language kChinese;
extern const Language kDutch;
extern const Language kFrench;
extern const Language kGerman;
extern const Language kItalian;
extern const Language kJapanese;
extern const Language kPolish;
extern const Language kPortuguese;
extern const Language kRussian;
extern const Language kSpanish;
extern const Language kTurkish;
extern const Language kUkrainian;

}  // namespace posthouse::pop3
