// Promise: no octets crash, and nothing but SyntaxError is thrown, whatever another server's lists of unique ids,
// keywords and subscriptions hold; a line is read or named as broken, once; what Courier would say is printable.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/cursor.h"
#include "maildir/courier_size_list.h"
#include "maildir/dovecot_uidlist.h"
#include "maildir/folder_name.h"
#include "maildir/lines.h"

using namespace posthouse;
using namespace posthouse::mailctl::maildir;

namespace {

template <class Entries>
void check(std::size_t lines, const Entries& entries, const std::vector<BrokenLine>& broken) {
  if (entries.size() + broken.size() > lines) std::abort();
  for (const auto& [base, entry] : entries)
    if (base.find(':') != base.npos || base.find('\n') != base.npos) std::abort();
  std::size_t last = 0;
  for (const BrokenLine& line : broken) {
    if (line.number <= last || line.number > lines) std::abort();
    last = line.number;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t lines = linesOf(text).size();
  try {
    const DovecotUidList list = DovecotUidList::parse(text);
    check(lines, list.entries, list.broken);
  } catch (const SyntaxError&) {
  }
  try {
    const CourierSizeList list = CourierSizeList::parse(text);
    check(lines, list.uniqueIds, list.broken);
    for (const auto& [base, id] : list.uniqueIds)
      for (const char c : id)
        if (c <= ' ' || c > '~') std::abort();
  } catch (const SyntaxError&) {
  }
  std::vector<BrokenLine> broken;
  const Keywords keywords = parseKeywords(text, broken);
  for (const auto& [letter, name] : keywords)
    if (letter < 'a' || letter > 'z' || name.empty()) std::abort();
  std::string unknown;
  flagNames(FileName::of(text).flags, keywords, unknown);
  for (const std::string& name : parseSubscriptions(text))
    if (name.empty() || name.front() == '/' || name.back() == '/') std::abort();
  return 0;
}
