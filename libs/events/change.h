#pragma once
#include <cstdint>

namespace posthouse::events {

/// Something in a mailbox is not as it was: a message came or went, or flags changed.
struct MailboxChange {
  std::int64_t account = 0;
  std::int32_t mailbox = 0;      // 0: the set of mailboxes
  std::int64_t modseq = 0;       // the account's, after the change
  std::int64_t committedAt = 0;  // microseconds since 1970

  friend bool operator==(const MailboxChange&, const MailboxChange&) = default;
};

}  // namespace posthouse::events
