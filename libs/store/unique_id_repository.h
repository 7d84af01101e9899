#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/content.h"
#include "store/types.h"

namespace posthouse::store {

/// What POP3 calls a message for ever (RFC 1939 §7, UIDL), where another server has given it its name.
struct UniqueId {
  Uid uid{};
  std::string text;  // 1 to 70 characters from 0x21 to 0x7E
};

enum class UniqueIdFate : std::int16_t {  // values are what posthouse.keep_unique_ids returns
  kept = 0,
  taken = 1,     // by another message of the mailbox
  reserved = 2,  // UIDVALIDITY.UID of the mailbox: what messages have that came without an id
  invalid = 3,
  differs = 4,  // the message has another already, and keeps it
  gone = 5,     // there is no such message
};

/// unique-id = 1*70(%x21-7E)                                                                               RFC 1939 §7
bool isUniqueId(std::string_view text) noexcept;

/// The unique ids that the messages of one account have brought along. A message that is copied or moved gets another
/// UID, and leaves its unique id behind.
class UniqueIdRepository {
 public:
  UniqueIdRepository(db::Transaction& transaction, AccountId account) noexcept
      : transaction_(transaction), account_(account) {}

  struct Wish {
    MailboxId mailbox{};
    UniqueId id;
    const Content* content = nullptr;  // if set: a message of other octets is not meant, though it has this UID
  };
  /// In the transaction that has stored the messages or found them again, after that. A fate for each, in their order.
  std::vector<UniqueIdFate> keep(std::span<const Wish> wishes);

  /// Of a mailbox, ascending by UID. In the snapshot of its messages: there may be some of messages that are gone.
  std::vector<UniqueId> list(MailboxId mailbox);

 private:
  db::Transaction& transaction_;
  AccountId account_;
};

}  // namespace posthouse::store
