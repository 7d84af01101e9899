#include "directory/store_directory.h"

#include <utility>

#include "store/account_repository.h"
#include "store/administrator_repository.h"
#include "store/group_repository.h"
#include "store/send_as_repository.h"

namespace posthouse::accountd {

std::optional<DomainRules> StoreAddressBook::rules(std::string_view domain) {
  std::optional<store::DomainSettings> settings = store::DomainRepository(transaction_).settings(domain);
  if (!settings) return std::nullopt;
  return DomainRules{std::move(settings->separators), std::move(settings->catchAll)};
}

std::optional<Holder> StoreAddressBook::account(const Address& address) {
  const auto account = store::AccountRepository(transaction_).find(address.text());
  if (!account) return std::nullopt;
  return Holder{static_cast<std::int64_t>(account->id), account->kind == store::AccountKind::group,
                account->membersOnly};
}

std::vector<ResolvedAccount> StoreAddressBook::members(std::int64_t account) {
  std::vector<ResolvedAccount> members;
  for (store::Member& member : store::GroupRepository(transaction_).members(store::AccountId{account}))
    members.push_back({static_cast<std::int64_t>(member.id), std::move(member.address)});
  return members;
}

std::vector<std::int64_t> StoreAddressBook::memberships(std::int64_t account) {
  std::vector<std::int64_t> memberships;
  for (const store::AccountId group : store::GroupRepository(transaction_).of(store::AccountId{account}))
    memberships.push_back(static_cast<std::int64_t>(group));
  return memberships;
}

bool StoreAddressBook::hasGrant(std::int64_t account, const std::vector<std::string>& senders) {
  return store::SendAsRepository(transaction_).hasAny(store::AccountId{account}, senders);
}

std::vector<std::string> StoreAddressBook::postmasters(std::string_view domain) {
  if (isUsable(postmaster_.address)) return {postmaster_.address};
  if (domain.empty()) return {postmasterOfHost()};
  store::AdministratorRepository administrators(transaction_);
  for (const std::string_view what : {domain, std::string_view()})
    if (std::vector<std::string> theirs = administrators.of(what); !theirs.empty()) return theirs;
  const std::optional<std::string> oldest = store::AccountRepository(transaction_).oldest(domain);
  return oldest ? std::vector{*oldest} : std::vector<std::string>{};
}

bool StoreAddressBook::isUsable(const std::string& text) {
  const std::optional<Address> address = parseAddress(text);
  return address && (!rules(address->domain) || isSomebody(*this, *address));
}

std::string StoreAddressBook::postmasterOfHost() {
  const std::optional<std::string> host = parseDomain(postmaster_.hostname);
  if (host && rules(*host)) return "postmaster@" + *host;
  return "postmaster@" + store::DomainRepository(transaction_).oldest().value_or("");
}

std::vector<std::string> StoreAddressBook::aliasMembers(const Address& address) {
  auto alias = store::AliasRepository(transaction_).find(address.text());
  if (!alias) return {};
  return std::move(alias->members);
}

}  // namespace posthouse::accountd
