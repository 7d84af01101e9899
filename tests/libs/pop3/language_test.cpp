#include "pop3/language.h"

#include <catch2/catch.hpp>

#include <set>

#include "base/ascii.h"
#include "base/is_ascii.h"
#include "base/utf8.h"
#include "pop3/reply.h"

using namespace posthouse;
using namespace posthouse::pop3;

namespace {

/// What stands between braces: "0" and "0:message|messages".
std::multiset<std::string> insertions(std::string_view text) {
  std::multiset<std::string> found;
  for (std::size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1))
    found.insert(std::string(text.substr(open + 1, text.find('}', open) - open - 1)));
  return found;
}

/// The numbers that are shown.
std::multiset<std::string> shown(std::string_view text) {
  std::multiset<std::string> numbers;
  for (const std::string& insertion : insertions(text))
    if (insertion.size() == 1) numbers.insert(insertion);
  return numbers;
}

std::string rendered(std::string_view range, Text text, std::vector<Argument> arguments = {}) {
  std::string out;
  render(*languageFor(range), text, arguments, out);
  return out;
}

}  // namespace

TEST_CASE("every text is translated into every language", "[pop3][language]") {
  for (const Language* language : languages()) {
    for (std::size_t place = 0; place < kEnglish.size(); ++place) {
      INFO("texts/ has no translation into " << language->name << " of: " << kEnglish[place]);
      CHECK_FALSE(language->texts[place].empty());
    }
  }
}

TEST_CASE("a translation shows what the English text shows, with as many forms as its nouns have", "[pop3][language]") {
  for (const Language* language : languages()) {
    for (std::size_t place = 0; place < kEnglish.size(); ++place) {
      const std::string_view words = language->texts[place];
      CAPTURE(language->name, words);
      CHECK(utf8::isValid(words));
      CHECK(std::ranges::none_of(words, ascii::isControl));
      CHECK_FALSE(words.starts_with('['));
      CHECK(words.size() < 300);  // with its arguments, a line has kMaxReplyLine
      CHECK(shown(words) == shown(kEnglish[place]));
      CHECK(std::ranges::count(words, '{') == std::ranges::count(words, '}'));
      for (const std::string& insertion : insertions(words)) {
        CHECK(ascii::isDigit(insertion.front()));
        CHECK(static_cast<std::size_t>(insertion.front() - '0') < argumentsOf(kEnglish[place]));
        if (insertion.size() == 1) continue;
        CHECK(insertion[1] == ':');
        CHECK(static_cast<std::size_t>(std::ranges::count(insertion, '|')) + 1 == language->forms);
      }
    }
  }
}

TEST_CASE("English is ASCII, and no text of it comes twice", "[pop3][language]") {
  std::set<std::string_view> texts;
  for (const std::string_view text : kEnglish) {
    CAPTURE(text);
    CHECK(ascii::isAscii(text));
    CHECK(texts.insert(text).second);
  }
}

TEST_CASE("no number has a form that the language has not", "[pop3][language]") {
  for (const Language* language : languages()) {
    std::set<std::size_t> forms;
    for (std::uint64_t number = 0; number < 1000; ++number) forms.insert(language->form(number));
    CAPTURE(language->name);
    CHECK(forms.size() == language->forms);
    CHECK(*forms.rbegin() == language->forms - 1);
  }
}

TEST_CASE("nouns stand in the form that their number wants", "[pop3][language]") {
  constexpr Text kCount("{0} {0:message|messages} ({1} {1:octet|octets})");
  const auto [range, count, words] = GENERATE(table<std::string, unsigned, std::string>({
      {"en", 0, "0 messages (1 octet)"},
      {"en", 1, "1 message (1 octet)"},
      {"en", 2, "2 messages (1 octet)"},
      {"de", 1, "1 Nachricht (1 Oktett)"},
      {"de", 0, "0 Nachrichten (1 Oktett)"},
      {"fr", 0, "0 message (1 octet)"},
      {"fr", 2, "2 messages (1 octet)"},
      {"pl", 1, "1 wiadomość (1 oktet)"},
      {"pl", 22, "22 wiadomości (1 oktet)"},
      {"ru", 1, "1 сообщение (1 октет)"},
      {"ru", 21, "21 сообщение (1 октет)"},
      {"ru", 11, "11 сообщений (1 октет)"},
      {"ru", 3, "3 сообщения (1 октет)"},
      {"ru", 13, "13 сообщений (1 октет)"},
      {"uk", 104, "104 повідомлення (1 октет)"},
      {"tr", 5, "5 ileti (1 sekizli)"},
      {"ja", 5, "5通のメッセージ（1オクテット）"},
  }));
  CHECK(rendered(range, kCount, {count, 1u}) == words);
}

TEST_CASE("an argument may be a text, which is translated, too", "[pop3][language]") {
  constexpr Text kInSession("{0} (session {1})");
  CHECK(rendered("de", kInSession, {Text("Wrong name or password"), std::string("x{0}")}) ==
        "Falscher Name oder falsches Passwort (Sitzung x{0})");
  CHECK(rendered("de", kInSession, {said("Wrong name or password"), std::string("x")}) ==
        "Falscher Name oder falsches Passwort (Sitzung x)");
  CHECK(rendered("de", kInSession, {said("[foreign] words"), std::string("x")}) == "[foreign] words (Sitzung x)");
}

TEST_CASE("a language range means a language, or none", "[pop3][language]") {
  const auto [range, tag] = GENERATE(table<std::string, std::string>({
      {"de", "de"},
      {"DE", "de"},
      {"de-AT", "de"},
      {"de-Latn-CH-1996", "de"},
      {"de-x-dialect", "de"},
      {"en-GB", "en"},
      {"pt-BR", "pt"},
      {"zh", "zh-Hans"},
      {"zh-hans", "zh-Hans"},
      {"zh-Hans-SG", "zh-Hans"},
      {"zh-CN", "zh-Hans"},
      {"zh-TW", ""},
      {"MUL", ""},
      {"uga", ""},
      {"d", ""},
      {"deu", ""},
  }));
  CAPTURE(range);
  const Language* language = languageFor(range);
  CHECK((language == nullptr ? "" : language->tag) == tag);
}

TEST_CASE("a line is cut between characters", "[pop3][language]") {
  std::string words = "xx";
  while (words.size() < 600) words += "ü";
  const std::string line = Reply::errorSaying(words).line();
  CHECK(line.size() == kMaxReplyLine - 1);
  CHECK(utf8::isValid(line));
}
