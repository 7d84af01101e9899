#include <algorithm>

#include "administration/administration.h"
#include "administration/refusals.h"
#include "directory/resolve.h"
#include "directory/store_directory.h"

namespace posthouse::accountd {
namespace {

using store::DirectoryError;
using store::DomainSettings;

/// Characters that a local part may hold and no name is written with.
constexpr std::string_view kSeparators = "!#$%&'*+-/=?^_`{|}~";

std::optional<Refusal> unfit(const DomainSettings& settings) {
  if (settings.separators.find_first_not_of(kSeparators) != std::string::npos)
    return Refusal{Refusal::Kind::invalid,
                   "a separator is one of " + std::string(kSeparators) + ", or several of them, or none"};
  if (std::min({settings.defaultQuotaBytes, settings.maxUsers, settings.maxAliases}) < 0)
    return Refusal{Refusal::Kind::invalid, "a limit cannot be negative; 0 is none"};
  return std::nullopt;
}

/// In the spelling that is stored; empty stays empty.
Answer<std::string> readCatchAll(const std::string& text, db::Transaction& transaction) {
  if (text.empty()) return text;
  const Answer<Address> address = readAddress(text);
  if (!address) return std::unexpected(address.error());
  StoreAddressBook book(transaction);
  if (book.rules(address->domain) && !isSomebody(book, *address))
    return notFound("there is no user or alias " + address->text() + "; add it first");
  return address->text();
}

Answer<DomainSettings> changed(DomainSettings settings, const DomainChange& change, db::Transaction& transaction) {
  if (change.catchAll) {
    const Answer<std::string> catchAll = readCatchAll(*change.catchAll, transaction);
    if (!catchAll) return std::unexpected(catchAll.error());
    settings.catchAll = *catchAll;
  }
  settings.separators = change.separators.value_or(settings.separators);
  settings.defaultQuotaBytes = change.defaultQuotaBytes.value_or(settings.defaultQuotaBytes);
  settings.maxUsers = change.maxUsers.value_or(settings.maxUsers);
  settings.maxAliases = change.maxAliases.value_or(settings.maxAliases);
  settings.twoFactorsRequired = change.twoFactorsRequired.value_or(settings.twoFactorsRequired);
  if (const auto reason = unfit(settings)) return std::unexpected(*reason);
  return settings;
}

void note(const DomainSettings& before, const DomainSettings& after, Details& details) {
  details.noteChange("catch_all", before.catchAll, after.catchAll);
  details.noteChange("separators", before.separators, after.separators);
  details.noteChange("default_quota_bytes", before.defaultQuotaBytes, after.defaultQuotaBytes);
  details.noteChange("max_users", before.maxUsers, after.maxUsers);
  details.noteChange("max_aliases", before.maxAliases, after.maxAliases);
  details.noteChange("two_factors_required", before.twoFactorsRequired, after.twoFactorsRequired);
}

}  // namespace

Task<Answer<store::Domain>> Administration::addDomain(std::string name) {
  const Answer<std::string> domain = readDomain(name);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details&) -> Answer<store::Domain> {
    if (!store::DomainRepository(transaction).add(*domain))
      return std::unexpected(Refusal{Refusal::Kind::exists, "the domain " + *domain + " exists already"});
    return store::Domain{*domain};
  };
  Act act = actOn("domain.add", *domain, Act::Right::administrator);
  act.unseen.reset();
  co_return co_await ledger_.change(act, job);
}

Task<Answer<std::vector<store::Domain>>> Administration::domains() {
  const auto job = [](db::Transaction& transaction, const Principal& actor) -> Answer<std::vector<store::Domain>> {
    std::vector<store::Domain> domains = store::DomainRepository(transaction).list();
    std::erase_if(domains, [&](const store::Domain& domain) { return !actor.sees("", domain.name); });
    return domains;
  };
  co_return co_await ledger_.read(actOn("domain.list", ""), job);
}

Task<Answer<store::Domain>> Administration::domain(std::string name) {
  const Answer<std::string> domain = readDomain(name);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) -> Answer<store::Domain> {
    std::optional<store::Domain> found = store::DomainRepository(transaction).find(*domain);
    if (!found) return noSuchDomain(*domain);
    return std::move(*found);
  };
  co_return co_await ledger_.read(actOn("domain.show", *domain), job);
}

Task<Answer<store::Domain>> Administration::setDomain(std::string name, DomainChange change) {
  const Answer<std::string> domain = readDomain(name);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction, const Principal& actor,
                       Details& details) -> Answer<store::Domain> {
    if ((change.maxUsers || change.maxAliases) && !actor.mayEverything())
      return forbidden("how much " + *domain + " may have is not for " + actor.address() + " to say");
    store::DomainRepository domains(transaction);
    const std::optional<DomainSettings> before = domains.hold(*domain);
    if (!before) return noSuchDomain(*domain);
    const Answer<DomainSettings> after = changed(*before, change, transaction);
    if (!after) return std::unexpected(after.error());
    domains.set(*domain, *after);
    note(*before, *after, details);
    return domains.find(*domain).value();
  };
  co_return co_await ledger_.change(actOn("domain.set", *domain), job, db::Repeat::harmless);
}

Task<Answer<std::string>> Administration::removeDomain(std::string name) {
  const Answer<std::string> domain = readDomain(name);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details&) -> Answer<std::string> {
    const auto removed = store::DomainRepository(transaction).remove(*domain);
    if (removed) return *domain;
    if (removed.error() == DirectoryError::inUse)
      return std::unexpected(
          Refusal{Refusal::Kind::inUse, *domain + " still has users or aliases; remove them first (mailctl user list " +
                                            *domain + ", mailctl alias list " + *domain + ")"});
    return notFound("there is no domain " + *domain);
  };
  co_return co_await ledger_.change(actOn("domain.remove", *domain, Act::Right::administrator), job);
}

}  // namespace posthouse::accountd
