#pragma once
#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "directory/resolve.h"

namespace posthouse::accountd {

/// An address book in memory.
struct FakeAddressBook : AddressBook {
  std::map<std::string, DomainRules, std::less<>> domains{{"mail.test", {}}};
  struct Group {
    std::vector<ResolvedAccount> members;
    bool membersOnly = false;
  };
  std::map<std::string, std::int64_t> accounts;
  std::map<std::int64_t, Group> groups;                         // which of the accounts are groups
  std::map<std::int64_t, std::vector<ResolvedAccount>> shared;  // and which are shared mailboxes, with their members
  std::set<std::pair<std::int64_t, std::string>> grants;        // what an account may send as beside what is its own
  std::map<std::string, std::vector<std::string>, std::less<>> keepers;  // by domain
  std::map<std::string, std::vector<std::string>> aliases;

  std::optional<DomainRules> rules(std::string_view domain) override {
    const auto found = domains.find(domain);
    return found == domains.end() ? std::nullopt : std::optional(found->second);
  }
  std::optional<Holder> account(const Address& address) override {
    const auto found = accounts.find(address.text());
    if (found == accounts.end()) return std::nullopt;
    const auto group = groups.find(found->second);
    if (group == groups.end()) return Holder{found->second};
    return Holder{found->second, true, group->second.membersOnly};
  }
  std::vector<ResolvedAccount> members(std::int64_t account) override {
    const auto group = groups.find(account);
    return group == groups.end() ? shared[account] : group->second.members;
  }
  std::vector<std::int64_t> memberships(std::int64_t account) override {
    std::vector<std::int64_t> memberships;
    for (const auto& [id, members] : shared)
      if (std::ranges::find(members, account, &ResolvedAccount::id) != members.end()) memberships.push_back(id);
    return memberships;
  }
  bool hasGrant(std::int64_t account, const std::vector<std::string>& senders) override {
    return std::ranges::any_of(senders, [&](const auto& sender) { return grants.contains({account, sender}); });
  }
  std::vector<std::string> postmasters(std::string_view domain) override {
    const auto found = keepers.find(domain);
    return found == keepers.end() ? std::vector<std::string>{} : found->second;
  }
  std::vector<std::string> aliasMembers(const Address& address) override {
    const auto found = aliases.find(address.text());
    return found == aliases.end() ? std::vector<std::string>{} : found->second;
  }
};

}  // namespace posthouse::accountd
