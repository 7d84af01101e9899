// Sequence sets, RFC 3501 §9; uid-set, RFC 4315 §4.
#include "imap/sequence_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "imap/grammar.h"

namespace posthouse::imap {
namespace {

/// seq-number = nz-number / "*"
std::uint32_t seqNumber(Cursor& in) {
  return in.take("*") ? SequenceRange::kStar : grammar::nzNumber(in);
}

/// seq-range = seq-number ":" seq-number. Unordered: what "*" is, only the mailbox knows.
SequenceRange seqRange(Cursor& in) {
  const std::uint32_t one = seqNumber(in);
  return {one, in.take(":") ? seqNumber(in) : one};
}

std::string seqNumberText(std::uint32_t number) {
  return number == SequenceRange::kStar ? "*" : std::to_string(number);
}

}  // namespace

/// sequence-set = (seq-number / seq-range) ["," sequence-set]
SequenceSet sequenceSet(Cursor& in) {
  SequenceSet set{seqRange(in)};
  while (in.take(",")) {
    if (set.size() == kMaxSequenceRanges) throw SyntaxError("too many ranges in a sequence set");
    set.push_back(seqRange(in));
  }
  return set;
}

std::string toString(const SequenceSet& set) {
  std::string text;
  for (const auto& range : set) {
    if (!text.empty()) text += ',';
    text += seqNumberText(range.first);
    if (range.first != range.last) text += ':' + seqNumberText(range.last);
  }
  return text;
}

NumberRanges resolve(const SequenceSet& set, std::uint32_t largest) {
  NumberRanges ranges;
  for (const auto& range : set) {
    const std::uint32_t first = range.first == SequenceRange::kStar ? largest : range.first;
    const std::uint32_t last = range.last == SequenceRange::kStar ? largest : range.last;
    if (first != 0 && last != 0) ranges.push_back({std::min(first, last), std::max(first, last)});
  }
  std::sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  NumberRanges merged;
  for (const auto& range : ranges) {
    if (!merged.empty() && range.first <= static_cast<std::uint64_t>(merged.back().last) + 1) {
      merged.back().last = std::max(merged.back().last, range.last);
    } else {
      merged.push_back(range);
    }
  }
  return merged;
}

bool contains(const NumberRanges& ranges, std::uint32_t number) {
  const auto after =
      std::upper_bound(ranges.begin(), ranges.end(), number,
                       [](std::uint32_t value, const NumberRange& range) { return value < range.first; });
  return after != ranges.begin() && number <= std::prev(after)->last;
}

std::string toUidSet(const std::vector<std::uint32_t>& numbers) {
  std::string text;
  for (std::size_t i = 0; i < numbers.size();) {
    std::size_t end = i + 1;
    while (end < numbers.size() && numbers[end] == numbers[end - 1] + 1) ++end;
    if (!text.empty()) text += ',';
    text += end - i == 1 ? std::to_string(numbers[i]) : fmt::format("{}:{}", numbers[i], numbers[end - 1]);
    i = end;
  }
  return text;
}

}  // namespace posthouse::imap
