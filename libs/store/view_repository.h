#pragma once
#include <optional>

#include "db/transaction.h"
#include "store/message_repository.h"
#include "store/types.h"

namespace posthouse::store {

/// What reading a view has cost.
struct ReadView {
  MailboxView view;
  bool isDear = false;  // worth remembering: the next one has it at a tenth
};

/// Views of the mailboxes of one account, those of large ones remembered in the database as they were once.
class ViewRepository {
 public:
  static constexpr std::size_t kLarge = 5000;        // messages: fewer are read as fast as they are remembered
  static constexpr std::size_t kManyChanges = 2000;  // since it was remembered

  ViewRepository(db::Transaction& transaction, AccountId account) noexcept
      : transaction_(transaction), account_(account) {}

  /// In Database::query, so that everything is from one snapshot. Nothing if there is no such mailbox.
  std::optional<ReadView> read(MailboxId mailbox);
  /// For read() by others. One statement; an older one takes no newer one's place.
  void remember(MailboxId mailbox, const MailboxView& view);

 private:
  std::optional<ReadView> remembered(MailboxId mailbox);

  db::Transaction& transaction_;
  AccountId account_;
};

}  // namespace posthouse::store
