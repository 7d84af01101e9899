// Mailbox names, RFC 3501 §5.1.
#include "imap/mailbox_name.h"

#include <algorithm>

#include "base/ascii.h"
#include "imap/utf7.h"

namespace posthouse::imap {

std::optional<std::string> mailboxName(std::string_view asSent) {
  auto name = decodeUtf7(asSent);
  if (!name) return std::nullopt;
  const std::size_t firstLevel = std::min(name->find(kHierarchySeparator), name->size());
  if (ascii::equalsIgnoringCase(std::string_view(*name).substr(0, firstLevel), "INBOX")) name->replace(0, 5, "INBOX");
  return name;
}

bool isCreatable(std::string_view name) {
  constexpr std::size_t kMaxName = 1000;
  constexpr std::size_t kMaxLevel = 255;
  constexpr int kMaxDepth = 16;
  if (name.empty() || name.size() > kMaxName) return false;
  if (std::any_of(name.begin(), name.end(), [](char c) { return ascii::isControl(c) || c == '%' || c == '*'; }))
    return false;
  for (int depth = 1; depth <= kMaxDepth; ++depth) {
    const std::size_t end = std::min(name.find(kHierarchySeparator), name.size());
    if (end == 0 || end > kMaxLevel) return false;
    if (end == name.size()) return true;
    name.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace posthouse::imap
