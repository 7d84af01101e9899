// Locating the target host, RFC 5321 §5.1.
#include "dns/mail_hosts.h"

#include "base/ascii.h"
#include "dns/name.h"

namespace posthouse::dns {
namespace {

using Hosts = std::expected<std::vector<std::string>, NoMailHost>;

/// address-literal, RFC 5321 §4.1.3: "[192.0.2.1]" or "[IPv6:2001:db8::1]".
std::optional<std::string> addressLiteral(std::string_view domain) {
  if (!domain.starts_with('[') || !domain.ends_with(']')) return std::nullopt;
  domain = domain.substr(1, domain.size() - 2);
  if (ascii::startsWithIgnoringCase(domain, "IPv6:")) domain.remove_prefix(5);
  return std::string(domain);
}

Hosts inOrder(std::vector<Mx> records, std::string_view ownName, std::mt19937& random) {
  if (records.size() == 1 && records.front().exchange.empty()) return std::unexpected(NoMailHost::takesNoMail);
  std::ranges::shuffle(records, random);
  std::ranges::sort(records, {}, &Mx::preference);
  const auto ourselves =
      std::ranges::find_if(records, [&](const Mx& mx) { return ascii::equalsIgnoringCase(mx.exchange, ownName); });
  std::vector<std::string> hosts;
  for (const Mx& mx : records) {
    if (ourselves != records.end() && mx.preference >= ourselves->preference) break;
    if (!mx.exchange.empty()) hosts.push_back(mx.exchange);
  }
  if (hosts.empty()) return std::unexpected(NoMailHost::loops);
  return hosts;
}

}  // namespace

Task<Hosts> mailHosts(Dns& dns, std::string domain, std::string_view ownName, std::mt19937& random,
                      net::Patience patience) {
  if (const auto literal = addressLiteral(domain)) co_return std::vector{*literal};
  const std::optional<std::string> name = asciiName(domain);
  if (!name) co_return std::unexpected(NoMailHost::noSuchDomain);
  Answer<Mx> answer = co_await dns.mx(*name, patience);
  switch (answer.status) {
    case Status::ok:
      co_return inOrder(std::move(answer.records), ownName, random);
    case Status::nodata:
      co_return std::vector{*name};  // the implicit MX; a host without an address shows when it is tried
    case Status::nxdomain:
      co_return std::unexpected(NoMailHost::noSuchDomain);
    default:
      co_return std::unexpected(NoMailHost::notNow);
  }
}

}  // namespace posthouse::dns
