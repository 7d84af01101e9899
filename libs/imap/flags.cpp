// Flags, RFC 3501 §2.3.2 and §9.
#include "imap/flags.h"

#include <algorithm>
#include <array>

#include "imap/grammar.h"

namespace posthouse::imap {
namespace {

constexpr std::array kSystemFlags = {kAnswered, kFlagged, kDeleted, kSeen, kDraft};

SystemFlag systemFlag(std::string_view word) {
  for (const SystemFlag flag : kSystemFlags) {
    if (ascii::equalsIgnoringCase(word, name(flag).substr(1))) return flag;
  }
  throw SyntaxError("\\" + std::string(word) + " is no flag that a client can set");
}

}  // namespace

std::string_view name(SystemFlag flag) {
  switch (flag) {
    case kSeen:
      return "\\Seen";
    case kFlagged:
      return "\\Flagged";
    case kAnswered:
      return "\\Answered";
    case kDraft:
      return "\\Draft";
    case kDeleted:
      return "\\Deleted";
  }
  return {};
}

void flag(Cursor& in, Flags& flags) {
  if (in.take("\\")) {
    flags.system |= systemFlag(grammar::atom(in));
    return;
  }
  const std::string_view keyword = grammar::atom(in);
  if (keyword.size() > kMaxKeywordLength) throw SyntaxError("a keyword is too long");
  const auto same = [&](const std::string& other) { return ascii::equalsIgnoringCase(other, keyword); };
  if (std::any_of(flags.keywords.begin(), flags.keywords.end(), same)) return;
  if (flags.keywords.size() == kMaxKeywords) throw SyntaxError("too many keywords");
  flags.keywords.emplace_back(keyword);
}

/// flag-list = "(" [flag *(SP flag)] ")"
Flags flagList(Cursor& in) {
  in.expect("(");
  if (in.take(")")) return {};
  Flags flags = flagSequence(in);
  in.expect(")");
  return flags;
}

Flags flagSequence(Cursor& in) {
  Flags flags;
  do {
    flag(in, flags);
  } while (in.take(" "));
  return flags;
}

}  // namespace posthouse::imap
