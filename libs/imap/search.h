#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/cursor.h"
#include "imap/flags.h"
#include "imap/sequence_set.h"

namespace posthouse::imap {

struct SearchKey;

/// What SEARCH can ask of a message, RFC 3501 §6.4.4. Texts are octets in the charset of the command.
namespace search {
struct All {};
struct FlagIs {
  SystemFlag flag;
  bool set;
};
struct KeywordIs {
  std::string keyword;
  bool set;
};
struct RecentIs {
  bool set;
};
/// An empty text asks only whether the field is there. BCC, CC, FROM, TO and SUBJECT are spelled out as fields.
struct HeaderContains {
  std::string field;
  std::string text;
};
struct BodyContains {
  std::string text;
};
/// Header or body.
struct TextContains {
  std::string text;
};
struct DateIs {
  enum class Of : std::uint8_t { internalDate, sent } of;
  enum class Relation : std::uint8_t { before, on, since } relation;
  std::chrono::year_month_day date;
};
struct SizeIs {
  enum class Relation : std::uint8_t { larger, smaller } relation;
  std::uint32_t octets;
};
struct SequenceIn {
  SequenceSet set;
};
struct UidIn {
  SequenceSet set;
};
struct Not {
  std::vector<SearchKey> key;  ///< one
};
struct Or {
  std::vector<SearchKey> keys;  ///< two
};
struct And {
  std::vector<SearchKey> keys;
};
}  // namespace search

struct SearchKey {
  std::variant<search::All, search::FlagIs, search::KeywordIs, search::RecentIs, search::HeaderContains,
               search::BodyContains, search::TextContains, search::DateIs, search::SizeIs, search::SequenceIn,
               search::UidIn, search::Not, search::Or, search::And>
      test;
};

inline constexpr int kMaxSearchDepth = 50;
inline constexpr int kMaxSearchKeys = 1000;
inline constexpr int kMaxSearchTexts = 50;  // BODY and TEXT, which go through all of every message

/// search-key *(SP search-key), all of which must hold. Throws SyntaxError, also past the bounds above.
search::And searchKeys(Cursor& in);

}  // namespace posthouse::imap
