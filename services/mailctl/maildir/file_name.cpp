#include "maildir/file_name.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/cursor.h"
#include "maildir/lines.h"

namespace posthouse::mailctl::maildir {
namespace {

/// ATOM-CHAR                                                                                              RFC 3501 §9
bool isAtomChar(char c) {
  constexpr std::string_view kSpecials = "(){ %*\"\\]";
  return !ascii::isControl(c) && !ascii::isEightBit(c) && kSpecials.find(c) == kSpecials.npos;
}

}  // namespace

FileName FileName::of(std::string_view name) noexcept {
  constexpr std::string_view kFlags = ":2,";
  const std::size_t colon = name.find(':');
  FileName parsed{name.substr(0, colon), {}};
  if (colon == name.npos || !name.substr(colon).starts_with(kFlags)) return parsed;
  parsed.flags = name.substr(colon + kFlags.size());
  parsed.flags = parsed.flags.substr(0, parsed.flags.find(','));
  return parsed;
}

Keywords parseKeywords(std::string_view text, std::vector<BrokenLine>& broken) {
  constexpr unsigned kLetters = 26;
  Keywords keywords;
  for (const Line& line : linesOf(text)) {
    try {
      Cursor in(line.text);
      const auto letter = in.number<unsigned>();
      in.expect(" ");
      if (letter >= kLetters) throw SyntaxError("only 26 keywords have a letter");
      if (in.atEnd()) throw SyntaxError("expected a keyword");
      if (!std::ranges::all_of(in.rest(), isAtomChar)) throw SyntaxError("this is no keyword that IMAP could have");
      keywords[static_cast<char>('a' + letter)] = in.rest();
    } catch (const SyntaxError& error) {
      broken.push_back({line.number, error.what()});
    }
  }
  return keywords;
}

std::vector<std::string> flagNames(std::string_view flags, const Keywords& keywords, std::string& unknown) {
  std::vector<std::string> names;
  for (const char letter : flags) {
    switch (letter) {
      case 'D':
        names.emplace_back("\\Draft");
        break;
      case 'F':
        names.emplace_back("\\Flagged");
        break;
      case 'P':
        names.emplace_back("$Forwarded");
        break;
      case 'R':
        names.emplace_back("\\Answered");
        break;
      case 'S':
        names.emplace_back("\\Seen");
        break;
      case 'T':
        names.emplace_back("\\Deleted");
        break;
      default: {
        const auto keyword = keywords.find(letter);
        if (keyword != keywords.end()) {
          names.push_back(keyword->second);
        } else if (unknown.find(letter) == unknown.npos) {
          unknown += letter;
        }
      }
    }
  }
  return names;
}

}  // namespace posthouse::mailctl::maildir
