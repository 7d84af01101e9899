#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "pop3/text.h"

namespace posthouse::pop3 {

/// A language in which the server speaks to people (RFC 6856 §3).
struct Language {
  /// Which of a noun's forms, from 0, stands behind a number.
  using Form = std::size_t (*)(std::uint64_t number);

  std::string_view tag;   // RFC 5646
  std::string_view name;  // in itself
  std::size_t forms;      // of a noun behind numbers
  Form form;
  std::array<std::string_view, kEnglish.size()> texts;  // by Text::place(); empty: not translated, said in English

  std::string_view of(Text text) const noexcept {
    const std::string_view translated = texts[text.place()];
    return translated.empty() ? text.english() : translated;
  }
};

/// ASCII alone, and so what is spoken before any LANG (RFC 1939 §3).
const Language& english() noexcept;

/// All of them, English first.
std::span<const Language* const> languages() noexcept;

/// The one that a basic language range means, or null: the tag itself, then a tag that is more exact ("zh" means
/// "zh-Hans"), then what the range means without its last subtags ("de-AT" means "de"): RFC 4647 §2.1, §3.3.1, §3.4.
const Language* languageFor(std::string_view range) noexcept;

/// Appends the text in that language. "{0}" is an argument, and "{0:message|messages}" the form of a noun that its
/// number wants.
void render(const Language& language, Text text, std::span<const Argument> arguments, std::string& out);
void render(const Language& language, const Argument& argument, std::string& out);

}  // namespace posthouse::pop3
