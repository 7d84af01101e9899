// The languages of RFC 6856 §3, matched as RFC 4647 has it.
#include "pop3/language.h"

#include <type_traits>

#include "base/ascii.h"
#include "pop3/texts/translation.h"

namespace posthouse::pop3 {

namespace {

constexpr Language kEnglishLanguage{"en", "English", 2, oneOrMany, kEnglish};

constexpr std::array kLanguages{&kEnglishLanguage, &kGerman,  &kFrench,  &kSpanish,   &kItalian, &kPortuguese, &kDutch,
                                &kPolish,          &kRussian, &kTurkish, &kUkrainian, &kChinese, &kJapanese};

/// Ranges that mean a language by where it is spoken: "zh-TW" is written with other characters than ours.
constexpr std::array<std::pair<std::string_view, const Language*>, 3> kRegions{
    {{"zh-CN", &kChinese}, {"zh-SG", &kChinese}, {"zh-MY", &kChinese}}};

/// Basic filtering: the range is the tag, or its beginning (RFC 4647 §3.3.1).
bool covers(std::string_view range, std::string_view tag) noexcept {
  return ascii::startsWithIgnoringCase(tag, range) && (tag.size() == range.size() || tag[range.size()] == '-');
}

/// Without its last subtag, and without one of a single letter that would then be the last (RFC 4647 §3.4).
std::string_view shortened(std::string_view range) noexcept {
  const auto cut = [](std::string_view text) {
    return text.substr(0, std::max<std::size_t>(text.rfind('-') + 1, 1) - 1);
  };
  range = cut(range);
  if (range.size() > 2 && range[range.size() - 2] == '-') range = cut(range);
  return range;
}

/// The forms of "message|messages", from the first.
std::string_view formOf(std::string_view forms, std::size_t number) noexcept {
  while (number-- > 0 && forms.contains('|')) forms.remove_prefix(forms.find('|') + 1);
  return forms.substr(0, forms.find('|'));
}

/// What stands between braces: "0", or "0:message|messages".
void insert(const Language& language, std::string_view inside, std::span<const Argument> arguments, std::string& out) {
  const auto number = static_cast<std::size_t>(inside.front() - '0');
  if (number >= arguments.size()) return;
  if (inside.size() == 1) {
    render(language, arguments[number], out);
  } else if (const auto* count = std::get_if<std::uint64_t>(&arguments[number].value())) {
    out += formOf(inside.substr(2), language.form(*count));
  }
}

}  // namespace

const Language& english() noexcept {
  return kEnglishLanguage;
}

std::span<const Language* const> languages() noexcept {
  return kLanguages;
}

const Language* languageFor(std::string_view range) noexcept {
  for (const Language* language : kLanguages)
    if (covers(range, language->tag)) return language;
  for (; !range.empty(); range = shortened(range)) {
    for (const Language* language : kLanguages)
      if (ascii::equalsIgnoringCase(range, language->tag)) return language;
    for (const auto& [region, language] : kRegions)
      if (ascii::equalsIgnoringCase(range, region)) return language;
  }
  return nullptr;
}

void render(const Language& language, Text text, std::span<const Argument> arguments, std::string& out) {
  std::string_view rest = language.of(text);
  while (true) {
    const std::size_t open = rest.find('{');
    out += rest.substr(0, open);
    if (open == std::string_view::npos) return;
    const std::size_t close = rest.find('}', open);
    insert(language, rest.substr(open + 1, close - open - 1), arguments, out);
    rest.remove_prefix(close + 1);
  }
}

void render(const Language& language, const Argument& argument, std::string& out) {
  std::visit(
      [&]<class Value>(const Value& value) {
        if constexpr (std::is_same_v<Value, std::uint64_t>) {
          out += std::to_string(value);
        } else if constexpr (std::is_same_v<Value, Text>) {
          render(language, value, {}, out);
        } else {
          out += value;
        }
      },
      argument.value());
}

}  // namespace posthouse::pop3
