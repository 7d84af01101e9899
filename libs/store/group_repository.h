#pragma once
#include <string>
#include <vector>

#include "db/transaction.h"
#include "store/account_repository.h"

namespace posthouse::store {

struct Member {
  AccountId id{};
  std::string address;  // the canonical one

  auto operator<=>(const Member&) const = default;
};

/// A group or a shared mailbox, with the addresses of its members.
struct Group {
  Account account;
  std::vector<std::string> members;
};

/// Who belongs to groups and shared mailboxes. A membership goes with either account.
class GroupRepository {
 public:
  explicit GroupRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// By address.
  std::vector<Member> members(AccountId group);
  /// The accounts with their members, in the order in which they are given.
  std::vector<Group> withMembers(std::vector<Account> accounts);
  /// The groups and shared mailboxes that it is a member of.
  std::vector<AccountId> of(AccountId member);
  /// Does nothing for those who are members already.
  void add(AccountId group, const std::vector<AccountId>& members);
  void remove(AccountId group, const std::vector<AccountId>& members);
  /// Whether nobody else may send to it.
  void setMembersOnly(AccountId group, bool membersOnly);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
