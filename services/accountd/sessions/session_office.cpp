#include "sessions/session_office.h"

#include <algorithm>

#include "administration/find_user.h"
#include "administration/refusals.h"
#include "sessions/sessions_service.h"

namespace posthouse::accountd {
namespace {

using Listing = std::vector<store::ListedSession>;

}  // namespace

Task<Answer<Listing>> SessionOffice::ofUser(std::string text, std::string after) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) -> Answer<Listing> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    return store::SessionRepository(transaction).list({.account = account->id}, after, kPage, SessionsService::kLost);
  };
  co_return co_await ledger_.read(actOnUser("session.list", *address, Act::Right::self), job);
}

Task<Answer<Listing>> SessionOffice::ofDomain(std::string text, std::string after) {
  const Answer<std::string> domain = readDomainOrAll(text);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction, const Principal& actor) -> Answer<Listing> {
    if (!domain->empty() && !store::DomainRepository(transaction).exists(*domain)) return noSuchDomain(*domain);
    store::SessionRepository::Wanted wanted;
    if (!domain->empty()) {
      wanted.domains = {*domain};
    } else if (!actor.mayEverything()) {
      wanted.domains = {actor.domains().begin(), actor.domains().end()};
    }
    return store::SessionRepository(transaction).list(wanted, after, kPage, SessionsService::kLost);
  };
  co_return co_await ledger_.read(actOn("session.list", *domain), job);
}

Task<Answer<Ended>> SessionOffice::end(std::string text, std::string session) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<Ended> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    store::SessionRepository sessions(transaction);
    const Listing listed = sessions.list({.account = account->id}, "", kPage, SessionsService::kLost);
    if (!session.empty()) {
      if (std::ranges::find(listed, session, &store::ListedSession::id) == listed.end())
        return notFound(address->text() + " has no session " + session + "; see: mailctl user sessions " +
                        address->text());
      details.note("session", session);
    }
    sessions.end(account->id, store::EndReason::loggedOut, session);
    return Ended{account->address, session.empty() ? static_cast<std::int64_t>(listed.size()) : 1};
  };
  co_return co_await ledger_.change(actOnUser("user.logout", *address, Act::Right::self), job, db::Repeat::harmless);
}

}  // namespace posthouse::accountd
