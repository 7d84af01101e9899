#pragma once
#include <expected>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "dns/dns.h"

namespace posthouse::dns {

/// Why there is no host to send a domain's mail to.
enum class NoMailHost {
  noSuchDomain,  ///< for good: 5.1.2
  takesNoMail,   ///< for good: a null MX (RFC 7505), 5.1.10
  loops,         ///< for good: the best MX is ourselves, 5.4.6
  notNow,        ///< the DNS could not be asked: 4.4.3
};

/// The hosts to try for a domain, in this order (RFC 5321 §5.1): by preference, equal ones shuffled; the domain itself
/// where it has no MX; an address literal as it is, without brackets. `ownName` is how MX records name this server: it
/// and what is no better than it are left out.
Task<std::expected<std::vector<std::string>, NoMailHost>> mailHosts(Dns& dns, std::string domain,
                                                                    std::string_view ownName, std::mt19937& random,
                                                                    net::Patience patience);

}  // namespace posthouse::dns
