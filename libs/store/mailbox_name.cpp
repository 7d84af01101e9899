#include "store/mailbox_name.h"

#include <algorithm>

#include "base/ascii.h"
#include "store/mailbox_repository.h"

namespace posthouse::store {

std::optional<std::vector<std::string>> mailboxLevels(std::string_view name) {
  constexpr char kSeparator = MailboxRepository::kSeparator;
  if (name.ends_with(kSeparator)) name.remove_suffix(1);
  if (name.size() > MailboxRepository::kMaxName || std::ranges::any_of(name, ascii::isControl)) return std::nullopt;

  std::vector<std::string> levels;
  for (;;) {
    const std::size_t end = std::min(name.find(kSeparator), name.size());
    if (end == 0 || levels.size() == MailboxRepository::kMaxDepth) return std::nullopt;
    levels.emplace_back(name.substr(0, end));
    if (end == name.size()) break;
    name.remove_prefix(end + 1);
  }
  if (ascii::equalsIgnoringCase(levels.front(), "INBOX")) levels.front() = "INBOX";
  return levels;
}

std::string mailboxName(const std::vector<std::string>& levels) {
  std::string name;
  for (const std::string& level : levels) {
    if (!name.empty()) name += MailboxRepository::kSeparator;
    name += level;
  }
  return name;
}

}  // namespace posthouse::store
