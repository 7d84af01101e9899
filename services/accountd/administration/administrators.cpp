#include <optional>
#include <utility>

#include "administration/administration.h"
#include "administration/refusals.h"

namespace posthouse::accountd {
namespace {

/// Whom an act on administrators is about, and what they are to administer.
struct Appointment {
  Address address;
  std::string domain;  // empty: everything
};

Answer<Appointment> readAppointment(const std::string& address, const std::string& domain) {
  Answer<Address> whom = readAddress(address);
  if (!whom) return std::unexpected(whom.error());
  Answer<std::string> what = readDomainOrAll(domain);
  if (!what) return std::unexpected(what.error());
  return Appointment{std::move(*whom), std::move(*what)};
}

std::string nameOf(const std::string& domain) {
  return domain.empty() ? "everything" : domain;
}

/// As it is stored, if it can be.
std::string normal(const std::string& object) {
  if (const std::optional<Address> address = parseAddress(object)) return address->text();
  return parseDomain(object).value_or(object);
}

Act actOn(std::string_view action, const Appointment& appointment) {
  return {action, appointment.address.text(), appointment.address.domain, Act::Right::administrator};
}

}  // namespace

Task<Answer<store::Administrator>> Administration::addAdministrator(std::string address, std::string domain) {
  const auto appointment = readAppointment(address, domain);
  if (!appointment) co_return std::unexpected(appointment.error());
  const auto job = [&](db::Transaction& transaction, const Principal&,
                       Details& details) -> Answer<store::Administrator> {
    const std::string whom = appointment->address.text();
    const auto account = store::AccountRepository(transaction).find(whom);
    if (!account || account->kind != store::AccountKind::individual) return noSuchUser(whom);
    store::DomainRepository domains(transaction);
    if (!appointment->domain.empty() && !domains.hold(appointment->domain)) return noSuchDomain(appointment->domain);
    if (!store::AdministratorRepository(transaction).add(account->id, appointment->domain))
      return std::unexpected(
          Refusal{Refusal::Kind::exists, whom + " administers " + nameOf(appointment->domain) + " already"});
    details.note("domain", nameOf(appointment->domain));
    return store::Administrator{whom, appointment->domain};
  };
  co_return co_await ledger_.change(actOn("admin.add", *appointment), job);
}

Task<Answer<std::vector<store::Administrator>>> Administration::administrators() {
  const auto job = [](db::Transaction& transaction, const Principal&) -> Answer<std::vector<store::Administrator>> {
    return store::AdministratorRepository(transaction).list();
  };
  co_return co_await ledger_.read({"admin.list", "", "", Act::Right::administrator}, job);
}

Task<Answer<std::string>> Administration::removeAdministrator(std::string address, std::string domain) {
  const auto appointment = readAppointment(address, domain);
  if (!appointment) co_return std::unexpected(appointment.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<std::string> {
    const std::string whom = appointment->address.text();
    const auto account = store::AccountRepository(transaction).find(whom);
    if (!account || !store::AdministratorRepository(transaction).remove(account->id, appointment->domain))
      return notFound(whom + " does not administer " + nameOf(appointment->domain));
    details.note("domain", nameOf(appointment->domain));
    return whom;
  };
  co_return co_await ledger_.change(actOn("admin.remove", *appointment), job);
}

Task<Answer<std::vector<store::AuditEntry>>> Administration::audit(store::AuditRepository::Wanted wanted,
                                                                   std::int64_t after) {
  wanted.object = normal(wanted.object);
  wanted.actor = normal(wanted.actor);
  const auto job = [&](db::Transaction& transaction, const Principal& actor) -> Answer<std::vector<store::AuditEntry>> {
    auto theirs = wanted;
    if (!actor.mayEverything()) theirs.domains = {actor.domains().begin(), actor.domains().end()};
    return store::AuditRepository(transaction).list(theirs, after, kPage);
  };
  co_return co_await ledger_.read({"audit.list", "", "", Act::Right::domain}, job);
}

}  // namespace posthouse::accountd
