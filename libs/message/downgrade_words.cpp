// Words, comments and texts for who takes ASCII alone, RFC 6857 §3.1.
#include "message/downgrade_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/ascii.h"
#include "base/cursor.h"
#include "base/is_ascii.h"
#include "base/utf8.h"
#include "message/encoded_word.h"
#include "message/lexical.h"

namespace posthouse::message {

namespace {

/// Encoded words of octets that are no UTF-8.
std::string encodeOctets(std::string_view octets) {
  constexpr std::string_view kStart = "=?unknown-8bit?Q?";
  constexpr std::size_t kMaxWord = 75 - 2;
  std::string words;
  std::string word(kStart);
  for (const char c : octets) {
    if (word.size() + 3 > kMaxWord) {
      words += word + "?= ";
      word = kStart;
    }
    if (ascii::isAlnum(c)) {
      word += c;
    } else {
      word += fmt::format("={:02X}", static_cast<unsigned char>(c));
    }
  }
  return words + word + "?=";
}

bool isEncodedWord(std::string_view word) {
  return word.starts_with("=?") && word.ends_with("?=");
}

}  // namespace

std::string encodeAll(std::string_view text) {
  return utf8::isValid(text) ? encodeWords(decodeEncodedWords(text)) : encodeOctets(text);
}

std::string downgradePhrase(std::string_view words) {
  return ascii::isAscii(words) ? std::string(words) : encodeAll(words);
}

std::string downgradeComment(std::string_view text) {
  if (!ascii::isAscii(text)) return "(" + encodeAll(text) + ")";
  std::string quoted = "(";
  for (const char c : text) {
    if (c == '(' || c == ')' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + ")";
}

std::optional<std::string> withAsciiComments(std::string_view value) {
  Cursor in(value);
  std::string out;
  while (!in.atEnd()) {
    const std::string_view before = in.rest();
    if (in.peek() == '(') {
      out += downgradeComment(takeComment(in));
    } else if (in.peek() == '"') {
      takeQuotedString(in);
      out += before.substr(0, before.size() - in.rest().size());
    } else {
      out += in.takeOctets(1);
    }
  }
  if (!ascii::isAscii(out)) return std::nullopt;
  return out;
}

std::string downgradeText(std::string_view text) {
  struct Word {
    std::size_t begin;
    std::size_t end;
  };
  std::vector<Word> words;
  for (std::size_t end = 0; (end = text.find_first_not_of(" \t", end)) != text.npos;) {
    const std::size_t begin = end;
    end = std::min(text.find_first_of(" \t", begin), text.size());
    words.push_back({begin, end});
  }
  const auto of = [&](const Word& word) { return text.substr(word.begin, word.end - word.begin); };
  const auto isForeign = [&](const Word& word) { return !ascii::isAscii(of(word)); };
  auto first = std::ranges::find_if(words, isForeign);
  if (first == words.end()) return std::string(text);
  auto last = std::ranges::find_if(words.rbegin(), words.rend(), isForeign).base() - 1;
  // The blank between two encoded words is not shown (RFC 2047 §6.2).
  while (first != words.begin() && isEncodedWord(of(*(first - 1)))) --first;
  while (last + 1 != words.end() && isEncodedWord(of(*(last + 1)))) ++last;
  return std::string(text.substr(0, first->begin)) + encodeAll(text.substr(first->begin, last->end - first->begin)) +
         std::string(text.substr(last->end));
}

}  // namespace posthouse::message
