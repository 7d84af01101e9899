// Words of the store, the first octet picks: names of mailboxes, queue ids and sets of UIDs are read as what they were
// written from, and what is read is within its bounds.
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/ascii.h"
#include "store/mailbox_name.h"
#include "store/mailbox_repository.h"
#include "store/queue_id.h"
#include "store/uid_set.h"

using namespace posthouse;
using namespace posthouse::store;

namespace {

void mailboxNames(std::string_view text) {
  const auto levels = mailboxLevels(text);
  if (!levels) return;
  if (levels->empty() || levels->size() > MailboxRepository::kMaxDepth) std::abort();
  for (const std::string& level : *levels) {
    if (level.empty() || level.contains(MailboxRepository::kSeparator)) std::abort();
    for (const char c : level) {
      if (ascii::isControl(c)) std::abort();
    }
  }
  const std::string name = mailboxName(*levels);
  if (name.size() > MailboxRepository::kMaxName || mailboxLevels(name) != levels) std::abort();
  if (text.ends_with(MailboxRepository::kSeparator)) text.remove_suffix(1);
  if (!ascii::equalsIgnoringCase(name, text)) std::abort();
  if (name != text && levels->front() != "INBOX") std::abort();
}

void queueIds(std::string_view text) {
  if (const auto id = parseQueueId(text); id && parseQueueId(toText(*id)) != id) std::abort();
  if (text.size() < sizeof(std::int64_t)) return;
  std::int64_t number = 0;
  std::memcpy(&number, text.data(), sizeof number);
  const std::string written = toText(QueueId{number});
  if (written.size() != 13 || parseQueueId(written) != QueueId{number}) std::abort();
  if (parseQueueId(ascii::toLower(written)) != QueueId{number}) std::abort();
}

void checkSet(const UidSet& set) {
  std::uint64_t least = 1;
  for (const UidSet::Range& range : set.ranges()) {
    if (static_cast<std::uint64_t>(range.first) < least || range.last < range.first) std::abort();
    if (!set.contains(range.first) || !set.contains(range.last)) std::abort();
    least = static_cast<std::uint64_t>(range.last) + 2;
  }
  if (UidSet::fromMultirange(set.toMultirange()) != set) std::abort();
}

void multiranges(std::string_view text) {
  try {
    checkSet(UidSet::fromMultirange(text));
  } catch (const std::invalid_argument&) {
  }
}

/// Five octets a range: how long it is, and where it begins.
void sets(std::string_view text) {
  UidSet set;
  for (; text.size() >= 5; text.remove_prefix(5)) {
    std::uint32_t first = 0;
    std::memcpy(&first, text.data() + 1, sizeof first);
    if (first == 0) continue;
    const auto last = std::min<std::uint64_t>(std::uint64_t{first} + static_cast<unsigned char>(text[0]), 0xFFFFFFFF);
    set.add(Uid{first}, Uid{static_cast<std::uint32_t>(last)});
    if (!set.contains(Uid{first}) || !set.contains(Uid{static_cast<std::uint32_t>(last)})) std::abort();
  }
  checkSet(set);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr void (*kGrammars[])(std::string_view) = {mailboxNames, queueIds, multiranges, sets};
  kGrammars[data[0] % 4](text);
  return 0;
}
