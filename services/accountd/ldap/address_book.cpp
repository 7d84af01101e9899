#include "ldap/address_book.h"

#include "store/account_repository.h"

namespace posthouse::accountd::ldap {

std::optional<Holder> AddressBook::account(const Address& address) {
  if (!serves_(address.domain)) return StoreAddressBook::account(address);
  const auto account = store::AccountRepository(transaction_).find(address.text());
  if (account && account->directory.empty()) return StoreAddressBook::account(address);
  if (!account && !StoreAddressBook::aliasMembers(address).empty()) return std::nullopt;
  const Behind* found = behind(address);
  if (found == nullptr || !found->account) return std::nullopt;
  return Holder{.account = *found->account};
}

/// Without those who are no longer in their directory.
std::vector<ResolvedAccount> AddressBook::members(std::int64_t group) {
  std::vector<ResolvedAccount> members = StoreAddressBook::members(group);
  std::erase_if(members, [this](const ResolvedAccount& member) {
    if (!serves_(std::string_view(member.address).substr(member.address.rfind('@') + 1))) return false;
    const std::optional<Address> address = parseAddress(member.address);
    return address && !account(*address);
  });
  return members;
}

std::vector<std::string> AddressBook::aliasMembers(const Address& address) {
  std::vector<std::string> members = StoreAddressBook::aliasMembers(address);
  if (!members.empty() || !serves_(address.domain)) return members;
  const Behind* found = behind(address);
  return found == nullptr ? members : found->members;
}

const Behind* AddressBook::behind(const Address& address) {
  const auto answer = answers_.find(address);
  if (answer != answers_.end()) return &answer->second;
  questions_.insert(address);
  return nullptr;
}

}  // namespace posthouse::accountd::ldap
