#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "resolve.h"

namespace posthouse::accountd {

/// An address book in memory.
struct FakeAddressBook : AddressBook {
  std::set<std::string, std::less<>> domains{"mail.test"};
  std::map<std::string, std::int64_t> accounts;
  std::map<std::string, std::vector<std::string>> aliases;

  bool isLocalDomain(std::string_view domain) override { return domains.contains(domain); }
  std::optional<std::int64_t> account(const Address& address) override {
    const auto found = accounts.find(address.text());
    return found == accounts.end() ? std::nullopt : std::optional(found->second);
  }
  std::vector<std::string> aliasMembers(const Address& address) override {
    const auto found = aliases.find(address.text());
    return found == aliases.end() ? std::vector<std::string>{} : found->second;
  }
};

}  // namespace posthouse::accountd
