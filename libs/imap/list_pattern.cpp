// LIST wildcards, RFC 3501 §6.3.8.
#include "imap/list_pattern.h"

#include <algorithm>

#include "base/ascii.h"
#include "imap/mailbox_name.h"

namespace posthouse::imap {
namespace {

constexpr std::size_t kBits = 64;

bool isWildcard(char c) {
  return c == '*' || c == '%';
}

/// Beside a "*" a "%" says nothing more.
std::string withoutRepeatedWildcards(std::string_view pattern) {
  std::string kept;
  for (const char c : pattern) {
    if (isWildcard(c) && !kept.empty() && isWildcard(kept.back())) {
      if (c == '*') kept.back() = c;
    } else {
      kept += c;
    }
  }
  return kept;
}

std::size_t words(std::string_view pattern) {
  return pattern.size() / kBits + 1;
}

void set(std::vector<std::uint64_t>& places, std::size_t i) {
  places[i / kBits] |= std::uint64_t{1} << i % kBits;
}

std::vector<std::uint64_t> placesWhere(std::string_view pattern, bool (*holds)(char)) {
  std::vector<std::uint64_t> places(words(pattern));
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (holds(pattern[i])) set(places, i);
  }
  return places;
}

}  // namespace

ListPattern::Steps::Steps(std::string_view pattern) : places(1, Places(words(pattern))) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (isWildcard(pattern[i])) continue;
    std::uint16_t& known = index[static_cast<unsigned char>(pattern[i])];
    if (known == 0) {
      known = static_cast<std::uint16_t>(places.size());
      places.emplace_back(words(pattern));
    }
    set(places[known], i);
  }
}

ListPattern::ListPattern(std::string_view pattern)
    : pattern_(withoutRepeatedWildcards(pattern)),
      literals_(static_cast<std::size_t>(std::ranges::count_if(pattern_, [](char c) { return !isWildcard(c); }))),
      exact_(pattern_),
      inCapitals_(ascii::toUpper(pattern_)),
      stars_(placesWhere(pattern_, [](char c) { return c == '*'; })),
      wildcards_(placesWhere(pattern_, isWildcard)) {}

bool ListPattern::matches(std::string_view name) const {
  if (literals_ > name.size()) return false;
  return matches(name, name == "INBOX" ? inCapitals_ : exact_);
}

bool ListPattern::matches(std::string_view name, const Steps& steps) const {
  Places reached(words(pattern_));
  // A wildcard may stand for nothing: where one place is reached, so is the place behind it.
  const auto passWildcards = [&] {
    std::uint64_t carry = 0;
    for (std::size_t w = 0; w < reached.size(); ++w) {
      const std::uint64_t waiting = reached[w] & wildcards_[w];
      reached[w] |= waiting << 1 | carry;
      carry = waiting >> (kBits - 1);
    }
  };
  set(reached, 0);
  passWildcards();
  for (const char c : name) {
    const Places& literal = steps.of(c);
    const Places& staying = c == kHierarchySeparator ? stars_ : wildcards_;
    std::uint64_t carry = 0;
    for (std::size_t w = 0; w < reached.size(); ++w) {
      const std::uint64_t going = reached[w] & literal[w];
      reached[w] = (reached[w] & staying[w]) | going << 1 | carry;
      carry = going >> (kBits - 1);
    }
    passWildcards();
  }
  return (reached[pattern_.size() / kBits] >> pattern_.size() % kBits & 1) != 0;
}

}  // namespace posthouse::imap
