#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "async/task.h"
#include "db/database.h"
#include "ldap/person.h"

namespace posthouse::accountd::ldap {

struct Mailbox {
  std::int64_t account = 0;
  std::string address;
  bool enabled = true;  // as far as `mailctl user disable` goes
};

/// The accounts of people in external directories: made when they are first needed, at a login or a mail, by whichever
/// accountd comes first, and recorded in the audit. An address that an account, group or alias of ours has is theirs.
class Mailboxes {
 public:
  explicit Mailboxes(db::Database& database) noexcept : database_(database) {}

  /// A quota that the directory gives is made the account's. Nothing if all of the person's addresses are taken here,
  /// or in domains that are not ours. Throws Unavailable for a domain that may have no more users, and what the
  /// database throws.
  Task<std::optional<Mailbox>> of(std::string directory, Person person);

 private:
  db::Database& database_;
};

}  // namespace posthouse::accountd::ldap
