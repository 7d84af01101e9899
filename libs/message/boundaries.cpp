#include "message/boundaries.h"

#include <algorithm>

namespace posthouse::message {

void Boundaries::push(std::string boundary) {
  sorted_.clear();
  open_.push_back(std::move(boundary));
}

void Boundaries::resize(std::size_t count) {
  if (count >= open_.size()) return;
  sorted_.clear();
  open_.resize(count);
}

void Boundaries::sort() {
  for (std::size_t i = 0; i < open_.size(); ++i) sorted_.push_back({open_[i], i, kNone});
  std::ranges::sort(
      sorted_, [](const Entry& a, const Entry& b) { return a.text != b.text ? a.text < b.text : a.index > b.index; });
  const auto [first, last] = std::ranges::unique(sorted_, {}, &Entry::text);
  sorted_.erase(first, last);
  // What begins an entry is the one before it, or begins that one, too.
  for (std::size_t i = 1; i < sorted_.size(); ++i) {
    std::size_t candidate = i - 1;
    while (candidate != kNone && !sorted_[i].text.starts_with(sorted_[candidate].text)) {
      candidate = sorted_[candidate].inner;
    }
    sorted_[i].inner = candidate;
  }
}

std::optional<std::size_t> Boundaries::longestPrefixOf(std::string_view text) {
  if (open_.empty() || !text.starts_with("--")) return std::nullopt;
  if (sorted_.empty()) sort();
  const auto after = std::ranges::upper_bound(sorted_, text, {}, &Entry::text);
  if (after == sorted_.begin()) return std::nullopt;
  std::size_t entry = static_cast<std::size_t>(after - sorted_.begin()) - 1;
  const std::string_view closest = sorted_[entry].text;
  const auto common = static_cast<std::size_t>(std::ranges::mismatch(closest, text).in1 - closest.begin());
  while (entry != kNone && sorted_[entry].text.size() > common) entry = sorted_[entry].inner;
  if (entry == kNone) return std::nullopt;
  return sorted_[entry].index;
}

}  // namespace posthouse::message
