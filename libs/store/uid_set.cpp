#include "store/uid_set.h"

#include <algorithm>
#include <stdexcept>

#include "base/cursor.h"

namespace posthouse::store {
namespace {

std::uint64_t number(Uid uid) {
  return static_cast<std::uint64_t>(uid);
}

/// "[1,4)", its second number the first that is not in it.
UidSet::Range multirangePart(Cursor& in) {
  in.expect("[");
  const auto first = in.number<std::uint64_t>();
  in.expect(",");
  const auto beyond = in.number<std::uint64_t>();
  in.expect(")");
  if (first == 0 || beyond <= first || beyond > std::uint64_t{1} << 32) throw SyntaxError("no range of UIDs");
  return {static_cast<Uid>(first), static_cast<Uid>(beyond - 1)};
}

}  // namespace

UidSet::UidSet(std::span<const Uid> uids) {
  std::vector<Uid> sorted(uids.begin(), uids.end());
  std::ranges::sort(sorted);
  for (const Uid uid : sorted) add(uid);
}

UidSet UidSet::range(Uid first, Uid last) {
  UidSet set;
  set.add(first, last);
  return set;
}

void UidSet::add(Uid first, Uid last) {
  // The ranges that touch or overlap the new one become one with it.
  const auto begin =
      std::ranges::lower_bound(ranges_, number(first), {}, [](const Range& range) { return number(range.last) + 1; });
  auto end = begin;
  while (end != ranges_.end() && number(end->first) <= number(last) + 1) {
    first = std::min(first, end->first);
    last = std::max(last, end->last);
    ++end;
  }
  if (begin == end) {
    ranges_.insert(begin, Range{first, last});
  } else {
    *begin = Range{first, last};
    ranges_.erase(begin + 1, end);
  }
}

void UidSet::add(const UidSet& other) {
  for (const Range& range : other.ranges_) add(range.first, range.last);
}

std::size_t UidSet::count() const noexcept {
  std::size_t count = 0;
  for (const Range& range : ranges_) count += number(range.last) - number(range.first) + 1;
  return count;
}

bool UidSet::contains(Uid uid) const noexcept {
  const auto range = std::ranges::lower_bound(ranges_, uid, {}, &Range::last);
  return range != ranges_.end() && range->first <= uid;
}

std::vector<Uid> UidSet::uids() const {
  std::vector<Uid> uids;
  for (const Range& range : ranges_) {
    for (std::uint64_t uid = number(range.first); uid <= number(range.last); ++uid)
      uids.push_back(static_cast<Uid>(uid));
  }
  return uids;
}

std::string UidSet::toMultirange() const {
  std::string text = "{";
  for (const Range& range : ranges_) {
    if (text.size() > 1) text += ',';
    text += '[' + std::to_string(number(range.first)) + ',' + std::to_string(number(range.last) + 1) + ')';
  }
  return text + '}';
}

UidSet UidSet::fromMultirange(std::string_view text) try {
  if (text.empty()) return {};
  Cursor in(text);
  UidSet set;
  in.expect("{");
  if (!in.take("}")) {
    do {
      const Range range = multirangePart(in);
      set.add(range.first, range.last);
    } while (in.take(","));
    in.expect("}");
  }
  if (!in.atEnd()) throw SyntaxError("text after it");
  return set;
} catch (const SyntaxError& error) {
  throw std::invalid_argument(std::string("not a multirange of UIDs: ") + error.what());
}

std::vector<UidSet> slices(std::span<const Uid> uids, std::size_t size) {
  std::vector<UidSet> slices;
  for (std::size_t from = 0; from < uids.size(); from += size) {
    slices.emplace_back(uids.subspan(from, std::min(size, uids.size() - from)));
  }
  return slices;
}

}  // namespace posthouse::store
