#pragma once
#include <string>
#include <utility>

#include "administration/ledger.h"
#include "async/task.h"
#include "db/database.h"
#include "store/account_repository.h"

namespace posthouse::accountd {

/// Whether mail of another server may be put into a mailbox. As Administration: for an actor, within what that one may.
class MailImportOffice {
 public:
  explicit MailImportOffice(db::Database& database, Actor actor = {}) : ledger_(database, std::move(actor)) {}

  /// The same for somebody else.
  MailImportOffice as(Actor actor) const { return MailImportOffice(ledger_.as(std::move(actor))); }

  /// Whose mailbox it is; noted in the audit. `source`: where the mail comes from.
  Task<Answer<store::Account>> permit(std::string address, std::string source);
  /// The same question alone.
  Task<Answer<store::Account>> mayPermit(std::string address);

 private:
  explicit MailImportOffice(Ledger ledger) : ledger_(std::move(ledger)) {}

  Ledger ledger_;
};

}  // namespace posthouse::accountd
