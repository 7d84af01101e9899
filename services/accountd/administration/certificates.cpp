#include "administration/certificates.h"
#include "administration/find_user.h"

#include <algorithm>
#include <optional>

#include "administration/refusals.h"
#include "base/ascii.h"
#include "base/utf8.h"
#include "crypto/client_certificate.h"

namespace posthouse::accountd {
namespace {

using store::ClientCertificateRepository;

std::unexpected<Refusal> exists(std::string text) {
  return std::unexpected(Refusal{Refusal::Kind::exists, std::move(text)});
}

/// One that can be of use.
Answer<crypto::ClientCertificate> readCertificate(std::string_view octets, std::chrono::system_clock::time_point now) {
  if (octets.size() > Certificates::kMaxSize) return invalid("the certificate is larger than 64 KiB");
  auto certificate = crypto::ClientCertificate::parse(octets);
  if (!certificate) return invalid("this is no certificate (X.509, in PEM or DER)");
  if (now > certificate->notAfter) return invalid("the certificate has expired");
  if (!certificate->isForClients)
    return invalid("the certificate is not for clients: its extended key usage lacks clientAuth");
  return *std::move(certificate);
}

/// Somebody's certificate would be no longer theirs if whoever has seen it could make it their own.
std::optional<Refusal> objection(db::Transaction& transaction, const Principal& actor, const Address& user,
                                 const crypto::ClientCertificate& certificate) {
  if (actor.mayEverything()) return std::nullopt;
  for (const std::string& mailbox : certificate.mailboxes) {
    const std::optional<Address> named = parseAddress(mailbox);
    if (!named || named == user || actor.domains().contains(named->domain)) continue;
    if (store::DomainRepository(transaction).exists(named->domain))
      return Refusal{Refusal::Kind::forbidden,
                     "the certificate names " + named->text() + ", whom " + actor.address() + " does not administer"};
  }
  return std::nullopt;
}

std::unexpected<Refusal> taken(db::Transaction& transaction, const Principal& actor, std::string_view fingerprint) {
  const auto holder = ClientCertificateRepository(transaction).holder(fingerprint);
  const std::optional<Address> address = holder ? parseAddress(holder->address) : std::nullopt;
  if (!address || !actor.sees(address->text(), address->domain))
    return exists("the certificate is registered for another user already");
  return exists("the certificate is registered for " + address->text() + " already");
}

std::optional<store::ClientCertificate> find(const std::vector<store::ClientCertificate>& certificates,
                                             std::string_view fingerprint) {
  const auto found = std::ranges::find(certificates, fingerprint, &store::ClientCertificate::fingerprint);
  return found == certificates.end() ? std::nullopt : std::optional(*found);
}

void note(const store::ClientCertificate& certificate, Details& details) {
  details.note("fingerprint", crypto::hex(certificate.fingerprint));
  details.note("subject", certificate.subject);
  if (!certificate.label.empty()) details.note("label", certificate.label);
}

}  // namespace

Task<Answer<UserCertificate>> Certificates::add(NewCertificate wanted) {
  const Answer<Address> address = readAddress(wanted.address);
  if (!address) co_return std::unexpected(address.error());
  if (wanted.label.size() > kMaxLabel || !utf8::isValid(wanted.label) ||
      std::ranges::any_of(wanted.label, ascii::isControl))
    co_return invalid("a label is text of up to 64 octets");
  const Answer<crypto::ClientCertificate> read = readCertificate(wanted.certificate, now_());
  if (!read) co_return std::unexpected(read.error());
  const store::ClientCertificate certificate{.fingerprint = std::string(read->fingerprint.view()),
                                             .label = wanted.label,
                                             .subject = read->subject,
                                             .notAfter = read->notAfter,
                                             .addedAt = {}};
  const auto job = [&](db::Transaction& transaction, const Principal& actor,
                       Details& details) -> Answer<UserCertificate> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    if (auto reason = objection(transaction, actor, *address, *read)) return std::unexpected(*std::move(reason));
    ClientCertificateRepository certificates(transaction);
    if (certificates.list(account->id).size() >= kMost)
      return std::unexpected(
          Refusal{Refusal::Kind::limit, address->text() + " has 100 certificates, as many as may be"});
    if (!certificates.add(account->id, certificate)) return taken(transaction, actor, certificate.fingerprint);
    note(certificate, details);
    return UserCertificate{account->address, find(certificates.list(account->id), certificate.fingerprint).value()};
  };
  co_return co_await ledger_.change(actOnUser("certificate.add", *address, Act::Right::self), job);
}

Task<Answer<std::vector<UserCertificate>>> Certificates::list(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) -> Answer<std::vector<UserCertificate>> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    std::vector<UserCertificate> certificates;
    for (store::ClientCertificate& certificate : ClientCertificateRepository(transaction).list(account->id))
      certificates.push_back({account->address, std::move(certificate)});
    return certificates;
  };
  co_return co_await ledger_.read(actOnUser("certificate.list", *address, Act::Right::self), job);
}

Task<Answer<std::string>> Certificates::remove(std::string text, std::string fingerprint) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<std::string> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    ClientCertificateRepository certificates(transaction);
    const auto certificate = find(certificates.list(account->id), fingerprint);
    if (!certificate) return notFound(address->text() + " has no such certificate");
    certificates.remove(account->id, fingerprint);
    note(*certificate, details);
    return account->address;
  };
  co_return co_await ledger_.change(actOnUser("certificate.remove", *address, Act::Right::self), job);
}

}  // namespace posthouse::accountd
