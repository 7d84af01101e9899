#pragma once
#include <string>
#include <utility>

#include "db/database.h"
#include "directory/resolve.h"

namespace posthouse::accountd {

/// Who gets what a mail server must take (RFC 5321 §4.5.1, RFC 2142), where nobody has the name.
struct PostmasterRule {
  std::string address;   // of all domains; empty: whom a domain has itself
  std::string hostname;  // whose postmaster "postmaster" without a domain is, if it is a domain of ours
};

/// The address book as one transaction sees it. Lives inside of that transaction.
class StoreAddressBook : public AddressBook {
 public:
  explicit StoreAddressBook(db::Transaction& transaction, PostmasterRule postmaster = {})
      : transaction_(transaction), postmaster_(std::move(postmaster)) {}

  std::optional<DomainRules> rules(std::string_view domain) override;
  std::optional<Holder> account(const Address& address) override;
  std::vector<ResolvedAccount> members(std::int64_t account) override;
  std::vector<std::int64_t> memberships(std::int64_t account) override;
  bool hasGrant(std::int64_t account, const std::vector<std::string>& senders) override;
  std::vector<std::string> postmasters(std::string_view domain) override;
  std::vector<std::string> aliasMembers(const Address& address) override;

 private:
  /// If somebody is there, or it is not here.
  bool isUsable(const std::string& address);
  std::string postmasterOfHost();

  db::Transaction& transaction_;
  const PostmasterRule postmaster_;
};

}  // namespace posthouse::accountd
