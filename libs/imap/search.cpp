// SEARCH keys, RFC 3501 §6.4.4 and §9.
#include "imap/search.h"

#include <optional>
#include <utility>

#include "imap/date.h"
#include "imap/grammar.h"

namespace posthouse::imap {
namespace {

using namespace search;

/// How much of a command's allowance is left.
struct Allowance {
  int keys = kMaxSearchKeys;
  int depth = kMaxSearchDepth;
  int texts = kMaxSearchTexts;
};

SearchKey searchKey(Cursor& in, Allowance& left);

SearchKey flagIs(SystemFlag flag, bool set) {
  return {FlagIs{flag, set}};
}

/// Keys of one word.
std::optional<SearchKey> plainKey(std::string_view word) {
  const std::pair<std::string_view, SystemFlag> kFlags[] = {
      {"ANSWERED", kAnswered}, {"DELETED", kDeleted}, {"DRAFT", kDraft}, {"FLAGGED", kFlagged}, {"SEEN", kSeen}};
  for (const auto& [name, flag] : kFlags) {
    if (word == name) return flagIs(flag, true);
    if (word.starts_with("UN") && word.substr(2) == name) return flagIs(flag, false);
  }
  if (word == "ALL") return SearchKey{All{}};
  if (word == "RECENT") return SearchKey{RecentIs{true}};
  if (word == "OLD") return SearchKey{RecentIs{false}};
  if (word == "NEW") return SearchKey{And{{SearchKey{RecentIs{true}}, flagIs(kSeen, false)}}};
  return std::nullopt;
}

/// Keys of a word and a string.
std::optional<SearchKey> textKey(std::string_view word, Cursor& in, Allowance& left) {
  const auto text = [&] {
    grammar::space(in);
    return grammar::astring(in);
  };
  for (const std::string_view field : {"BCC", "CC", "FROM", "SUBJECT", "TO"}) {
    if (word == field) return SearchKey{HeaderContains{std::string(field), text()}};
  }
  if ((word == "BODY" || word == "TEXT") && --left.texts < 0) throw SyntaxError("too many BODY and TEXT keys");
  if (word == "BODY") return SearchKey{BodyContains{text()}};
  if (word == "TEXT") return SearchKey{TextContains{text()}};
  if (word == "HEADER") {
    std::string field = text();
    return SearchKey{HeaderContains{std::move(field), text()}};
  }
  return std::nullopt;
}

std::optional<SearchKey> keywordKey(std::string_view word, Cursor& in) {
  if (word != "KEYWORD" && word != "UNKEYWORD") return std::nullopt;
  grammar::space(in);
  return SearchKey{KeywordIs{std::string(grammar::atom(in)), word == "KEYWORD"}};
}

std::optional<SearchKey> dateKey(std::string_view word, Cursor& in) {
  const bool sent = word.starts_with("SENT");
  if (sent) word.remove_prefix(4);
  const std::pair<std::string_view, DateIs::Relation> kRelations[] = {
      {"BEFORE", DateIs::Relation::before}, {"ON", DateIs::Relation::on}, {"SINCE", DateIs::Relation::since}};
  for (const auto& [name, relation] : kRelations) {
    if (word != name) continue;
    grammar::space(in);
    return SearchKey{DateIs{sent ? DateIs::Of::sent : DateIs::Of::internalDate, relation, date(in)}};
  }
  return std::nullopt;
}

std::optional<SearchKey> sizeKey(std::string_view word, Cursor& in) {
  if (word != "LARGER" && word != "SMALLER") return std::nullopt;
  grammar::space(in);
  const auto octets = in.number<std::uint32_t>();
  return SearchKey{SizeIs{word == "LARGER" ? SizeIs::Relation::larger : SizeIs::Relation::smaller, octets}};
}

std::optional<SearchKey> compoundKey(std::string_view word, Cursor& in, Allowance& left) {
  const auto operand = [&] {
    grammar::space(in);
    return searchKey(in, left);
  };
  if (word == "NOT") return SearchKey{Not{{operand()}}};
  if (word == "OR") {
    Or either;
    either.keys.push_back(operand());
    either.keys.push_back(operand());
    return SearchKey{std::move(either)};
  }
  return std::nullopt;
}

And conjunction(Cursor& in, Allowance& left) {
  And all;
  do {
    all.keys.push_back(searchKey(in, left));
  } while (in.take(" "));
  return all;
}

SearchKey wordKey(Cursor& in, Allowance& left) {
  const std::string word = ascii::toUpper(grammar::atom(in));
  if (word == "UID") {
    grammar::space(in);
    return {UidIn{sequenceSet(in)}};
  }
  if (auto key = plainKey(word)) return *std::move(key);
  if (auto key = textKey(word, in, left)) return *std::move(key);
  if (auto key = keywordKey(word, in)) return *std::move(key);
  if (auto key = dateKey(word, in)) return *std::move(key);
  if (auto key = sizeKey(word, in)) return *std::move(key);
  if (auto key = compoundKey(word, in, left)) return *std::move(key);
  throw SyntaxError("unknown SEARCH key");
}

/// search-key = ... / sequence-set / "(" search-key *(SP search-key) ")"
SearchKey searchKey(Cursor& in, Allowance& left) {
  if (--left.keys < 0) throw SyntaxError("too many SEARCH keys");
  if (--left.depth < 0) throw SyntaxError("SEARCH keys are nested too deeply");
  SearchKey key;
  if (in.take("(")) {
    key.test = conjunction(in, left);
    in.expect(")");
  } else if (ascii::isDigit(in.peek()) || in.peek() == '*') {
    key.test = SequenceIn{sequenceSet(in)};
  } else {
    key = wordKey(in, left);
  }
  ++left.depth;
  return key;
}

}  // namespace

search::And searchKeys(Cursor& in) {
  Allowance left;
  return conjunction(in, left);
}

}  // namespace posthouse::imap
