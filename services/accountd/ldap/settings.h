#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/section.h"
#include "ldap/pattern.h"

namespace posthouse::accountd::ldap {

enum class Scope { subtree, one, base };

/// One table [[accountd.ldap]]: an external directory, and the domains whose users are in it.
struct Settings {
  std::string name{};                  // in logs, metrics and the audit
  std::vector<std::string> domains{};  // as they are stored

  std::vector<std::string> urls{};  // ldaps://, ldap:// or ldapi://, tried in this order
  bool startTls = true;             // on ldap://
  std::string caFile = "/etc/ssl/certs/ca-certificates.crt";
  std::string bindDn{};  // whoever may search; empty: nobody in particular
  std::string bindPassword{};

  Pattern base{};
  Scope scope = Scope::subtree;
  Pattern userFilter{};         // whose mailbox an address is
  Pattern aliasFilter{};        // entries that the address leads to, beside; empty: none
  Pattern groupFilter{};        // an entry whose members the address leads to; empty: none
  std::string enabledFilter{};  // an entry that does not match cannot log in; empty: all can

  std::string addressAttribute = "mail";
  std::string memberAttribute = "member";  // of a group: addresses, or names of entries
  std::string quotaAttribute{};            // empty: the domain's default
  std::int64_t quotaUnit = 1;              // octets, of a quota without a unit

  std::size_t connections = 4;              // for searches, and as many for passwords
  std::chrono::milliseconds timeout{4000};  // for an answer, whatever it takes: connecting, TLS, other servers
  std::chrono::milliseconds cacheAge = std::chrono::minutes(5);
  std::chrono::milliseconds negativeCacheAge = std::chrono::seconds(10);
  std::size_t cacheSize = 100'000;                                     // addresses
  std::chrono::milliseconds passwordMemory = std::chrono::minutes(1);  // 0: every login binds

  static Settings from(config::Section& section);
};

/// All of them, in the order of the file. Notes a name or a domain that stands twice.
std::vector<Settings> readDirectories(config::Section& accountd);

}  // namespace posthouse::accountd::ldap
