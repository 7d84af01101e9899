#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "administration/administration.h"

namespace posthouse::accountd {

using Names = std::set<std::string>;

struct SiteUser {
  std::optional<bool> enabled = std::nullopt;
  std::optional<std::int64_t> quotaBytes = std::nullopt;
  std::optional<Names> sendAs = std::nullopt;       // what is granted: addresses, and domains as "@example.org"
  std::optional<Names> administers = std::nullopt;  // domains; "" is everything
  std::string password{};                           // of a user that is added; with neither of both nobody gets in
  std::string passwordHash{};
  std::int64_t messages = 0;  // that are there
  bool isExternal = false;    // in an external directory, which brings and keeps it: in no export, and never pruned
};

struct SiteGroup {
  store::AccountKind kind = store::AccountKind::group;
  std::optional<Names> members = std::nullopt;
  std::optional<bool> membersOnly = std::nullopt;         // of a group
  std::optional<std::int64_t> quotaBytes = std::nullopt;  // of a shared mailbox
  std::int64_t messages = 0;
};

/// Domains, accounts and aliases by their names in the spelling that is stored: as they are, or as somebody wants them,
/// and then what is not said is to stay as it is.
struct Site {
  std::map<std::string, DomainChange> domains;
  std::map<std::string, SiteUser> users;
  std::map<std::string, SiteGroup> groups;
  std::map<std::string, Names> aliases;
};

}  // namespace posthouse::accountd
