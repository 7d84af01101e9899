#include "mechanisms/external.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "directory/address.h"
#include "sasl/external.h"

namespace posthouse::accountd {
namespace {

Outcome badCertificate(std::string_view text) {
  return {.result = Outcome::Result::badCertificate, .text = std::string(text)};
}

/// Why it is good for nobody; empty if it may be good for somebody.
std::string_view defectOf(const ClientCertificate& certificate, std::chrono::system_clock::time_point now) {
  const auto today = std::chrono::floor<std::chrono::seconds>(now);
  if (certificate.isRevoked) return "The certificate has been revoked";
  if (today > certificate.notAfter) return "The certificate has expired";
  if (today < certificate.notBefore) return "The certificate is not valid yet";
  if (!certificate.isForClients) return "The certificate is not for clients: its extended key usage lacks clientAuth";
  return {};
}

Outcome let(const CertificateHolder& holder) {
  if (!holder.enabled) return {.result = Outcome::Result::disabled, .claimedName = holder.address};
  return {.result = Outcome::Result::ok,
          .account = holder.account,
          .address = holder.address,
          .claimedName = holder.address};
}

/// Which of them the client is; at least one.
Outcome choose(const std::vector<CertificateHolder>& candidates, const std::string& authorizationIdentity) {
  if (authorizationIdentity.empty()) {
    if (candidates.size() == 1) return let(candidates.front());
    return badCertificate("The certificate names several accounts: the client must say which (authorization identity)");
  }
  const std::optional<Address> wanted = parseAddress(authorizationIdentity);
  const auto found = std::ranges::find_if(
      candidates, [&](const CertificateHolder& candidate) { return wanted && candidate.address == wanted->text(); });
  if (found == candidates.end()) return {.result = Outcome::Result::notAuthorized};
  return let(*found);
}

}  // namespace

Task<Outcome> External::exchange(std::optional<std::string> response, Connection connection,
                                 Conversation& conversation) {
  if (!response) response = co_await conversation.ask({});
  const auto authorizationIdentity = sasl::parseExternal(*response);
  if (!authorizationIdentity)
    co_return Outcome{.result = Outcome::Result::malformed, .text = authorizationIdentity.error().reason};
  const ClientCertificate& certificate = connection.clientCertificate.value();
  Outcome outcome;
  if (const std::string_view defect = defectOf(certificate, now_()); !defect.empty()) {
    outcome = badCertificate(defect);
  } else if (const auto holders = co_await candidates(certificate); holders.empty()) {
    outcome = badCertificate("The certificate is of no account here");
  } else {
    outcome = choose(holders, *authorizationIdentity);
  }
  if (!authorizationIdentity->empty()) outcome.claimedName = *authorizationIdentity;
  co_return outcome;
}

Task<std::vector<CertificateHolder>> External::candidates(const ClientCertificate& certificate) {
  std::vector<CertificateHolder> holders;
  if (auto holder = co_await holders_.registered(certificate.fingerprint)) {
    holders.push_back(*std::move(holder));
  } else if (certificate.isTrusted) {
    std::vector<std::string> addresses;
    for (const std::string& mailbox : certificate.mailboxes)
      if (const std::optional<Address> address = parseAddress(mailbox)) addresses.push_back(address->text());
    if (!addresses.empty()) holders = co_await holders_.individuals(std::move(addresses));
  }
  co_return holders;
}

}  // namespace posthouse::accountd
