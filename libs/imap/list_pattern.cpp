// LIST wildcards, RFC 3501 §6.3.8.
#include "imap/list_pattern.h"

#include <vector>

#include "base/ascii.h"
#include "imap/mailbox_name.h"

namespace posthouse::imap {
namespace {

bool isWildcard(char c) {
  return c == '*' || c == '%';
}

/// A wildcard may stand for nothing: where one place of the pattern is reachable, so is the place behind it.
void spreadOverWildcards(std::string_view pattern, std::vector<bool>& reachable) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (reachable[i] && isWildcard(pattern[i])) reachable[i + 1] = true;
  }
}

}  // namespace

bool matchesListPattern(std::string_view pattern, std::string_view name) {
  // reachable[i]: the first i characters of the pattern match the name read so far.
  std::vector<bool> reachable(pattern.size() + 1);
  reachable[0] = true;
  spreadOverWildcards(pattern, reachable);
  const bool inbox = name == "INBOX";
  for (const char c : name) {
    std::vector<bool> next(pattern.size() + 1);
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (!reachable[i]) continue;
      if (pattern[i] == '*' || (pattern[i] == '%' && c != kHierarchySeparator)) next[i] = true;
      if (!isWildcard(pattern[i]) && (pattern[i] == c || (inbox && ascii::toUpper(pattern[i]) == c)))
        next[i + 1] = true;
    }
    spreadOverWildcards(pattern, next);
    reachable = std::move(next);
  }
  return reachable[pattern.size()];
}

}  // namespace posthouse::imap
