// LIST patterns match as the definition says, spelled out step by step.
#include "imap/list_pattern.h"

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/ascii.h"
#include "imap/mailbox_name.h"

using namespace posthouse;
using namespace posthouse::imap;

namespace {

bool matchesByDefinition(std::string_view pattern, std::string_view name) {
  const bool inbox = name == "INBOX";
  std::vector<bool> before(name.size() + 1, false);  // before[k]: the pattern so far means the first k characters
  before[0] = true;
  for (const char c : pattern) {
    std::vector<bool> after(name.size() + 1, false);
    for (std::size_t k = 0; k <= name.size(); ++k) {
      if (c == '*' || c == '%') {
        const bool longer = k > 0 && after[k - 1] && (c == '*' || name[k - 1] != kHierarchySeparator);
        after[k] = before[k] || longer;
      } else {
        after[k] = k > 0 && before[k - 1] && (name[k - 1] == c || (inbox && name[k - 1] == ascii::toUpper(c)));
      }
    }
    before = std::move(after);
  }
  return before[name.size()];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  const std::string_view pattern = octets.substr(0, octets.find('\n'));
  const std::string_view name = octets.substr(std::min(pattern.size() + 1, size));
  if (pattern.size() * name.size() > 1'000'000) return 0;
  if (ListPattern(pattern).matches(name) != matchesByDefinition(pattern, name)) std::abort();
  if (ListPattern(pattern).matches("INBOX") != matchesByDefinition(pattern, "INBOX")) std::abort();
  return 0;
}
