#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "directory/store_directory.h"

namespace posthouse::accountd::ldap {

/// Who is behind an address in an external directory: a mailbox, or other addresses, or nobody.
struct Behind {
  std::optional<std::int64_t> account;
  std::vector<std::string> members;
};

/// The address book where some domains have users in external directories, too. What is here comes first. A directory
/// is not asked from inside of a transaction: an address that would have to be asked for is nobody's for now, and among
/// the questions afterwards; whoever wanted to know answers those and begins anew.
class AddressBook final : public StoreAddressBook {
 public:
  using Serves = std::function<bool(std::string_view domain)>;

  AddressBook(db::Transaction& transaction, PostmasterRule postmaster, const Serves& serves,
              const std::map<Address, Behind>& answers, std::set<Address>& questions)
      : StoreAddressBook(transaction, std::move(postmaster)),
        transaction_(transaction),
        serves_(serves),
        answers_(answers),
        questions_(questions) {}

  std::optional<Holder> account(const Address& address) override;
  std::vector<ResolvedAccount> members(std::int64_t account) override;
  std::vector<std::string> aliasMembers(const Address& address) override;

 private:
  /// Null if it has to be asked for.
  const Behind* behind(const Address& address);

  db::Transaction& transaction_;
  const Serves& serves_;
  const std::map<Address, Behind>& answers_;
  std::set<Address>& questions_;
};

}  // namespace posthouse::accountd::ldap
