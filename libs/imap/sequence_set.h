#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/cursor.h"

namespace posthouse::imap {

/// Message numbers or UIDs as a client names them: ends in any order, "*" unresolved.
struct SequenceRange {
  static constexpr std::uint32_t kStar = 0;  ///< "*", the largest number in use; only the mailbox knows it
  std::uint32_t first;
  std::uint32_t last;
  bool operator==(const SequenceRange&) const = default;
};
using SequenceSet = std::vector<SequenceRange>;

/// What a set means in one mailbox: first <= last, ascending, with gaps between.
struct NumberRange {
  std::uint32_t first;
  std::uint32_t last;
  bool operator==(const NumberRange&) const = default;
};
using NumberRanges = std::vector<NumberRange>;

inline constexpr std::size_t kMaxSequenceRanges = 20'000;

/// Throws SyntaxError, also past kMaxSequenceRanges.
SequenceSet sequenceSet(Cursor& in);
std::string toString(const SequenceSet& set);

/// `largest` is what "*" stands for, 0 in an empty mailbox, where "*" means nothing.
NumberRanges resolve(const SequenceSet& set, std::uint32_t largest);
bool contains(const NumberRanges& ranges, std::uint32_t number);
/// Ascending numbers, as "1:3,7" (RFC 4315's uid-set).
std::string toUidSet(const std::vector<std::uint32_t>& numbers);

}  // namespace posthouse::imap
