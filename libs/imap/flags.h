#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cursor.h"

namespace posthouse::imap {

/// The flags that RFC 3501 §2.3.2 defines and clients may set, as bits.
enum SystemFlag : std::uint8_t { kSeen = 1, kFlagged = 2, kAnswered = 4, kDraft = 8, kDeleted = 16 };

/// What a client names in STORE or APPEND. Keywords are in the client's spelling.
struct Flags {
  std::uint8_t system = 0;
  std::vector<std::string> keywords;
  bool operator==(const Flags&) const = default;
};

inline constexpr std::size_t kMaxKeywords = 64;
inline constexpr std::size_t kMaxKeywordLength = 100;

/// flag = "\Answered" / ... / flag-keyword. Adds it to `flags`. Throws SyntaxError.
void flag(Cursor& in, Flags& flags);
Flags flagList(Cursor& in);
/// Without parentheses around it, as STORE allows: flag *(SP flag).
Flags flagSequence(Cursor& in);

/// "\Seen" and so on; `flag` is one bit.
std::string_view name(SystemFlag flag);

}  // namespace posthouse::imap
