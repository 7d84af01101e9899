#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "directory/address.h"
#include "ldap/connection.h"
#include "ldap/settings.h"

namespace posthouse::accountd::ldap {

/// Somebody with a mailbox, as a directory has them.
struct Person {
  std::string name;                          // the entry's distinguished name
  std::vector<Address> addresses{};          // in the directory's domains; the mailbox is the first's
  std::optional<std::int64_t> quotaBytes{};  // 0: unlimited
  bool enabled = true;
  std::string version{};  // another one whenever the entry has changed; empty: the directory does not show it
};

/// Octets: a number and maybe a unit ("500", "2G", "2GiB"), or as Maildir++ has it ("1000000S,500C"); a number alone is
/// of `unit`. Nothing if it is no quota.
std::optional<std::int64_t> parseQuota(std::string_view text, std::int64_t unit);

/// Whose mailbox the address is. Throws Failed, also if there are several.
std::optional<Person> findPerson(Connection& connection, const Settings& settings, const Address& address,
                                 Deadline deadline);

/// Where an alias or a group by this address leads to; none if there is no such thing. Throws Failed.
std::vector<std::string> findMembers(Connection& connection, const Settings& settings, const Address& address,
                                     Deadline deadline);

}  // namespace posthouse::accountd::ldap
