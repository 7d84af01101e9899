#include <algorithm>
#include <utility>

#include "administration/administration.h"
#include "administration/find_user.h"
#include "administration/refusals.h"
#include "directory/resolve.h"
#include "directory/store_directory.h"
#include "store/send_as_repository.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMaxAddresses = 1'000;  // of one call

/// What may be granted: an address, or a domain where localPart is empty.
using Sendable = Address;

std::string textOf(const Sendable& sendable) {
  return sendable.localPart.empty() ? "@" + sendable.domain : sendable.text();
}

Answer<std::vector<Sendable>> readSendables(const std::vector<std::string>& texts) {
  if (texts.empty()) return invalid("no address is named");
  if (texts.size() > kMaxAddresses) return invalid("more than 1000 addresses at once");
  std::vector<Sendable> sendables;
  for (const std::string& text : texts) {
    if (text.starts_with('@')) {
      const Answer<std::string> domain = readDomain(std::string_view(text).substr(1));
      if (!domain) return std::unexpected(domain.error());
      sendables.push_back({"", *domain});
    } else {
      const Answer<Address> address = readAddress(text);
      if (!address) return std::unexpected(address.error());
      sendables.push_back(*address);
    }
  }
  return sendables;
}

std::vector<std::string> textsOf(const std::vector<Sendable>& sendables) {
  std::vector<std::string> texts;
  for (const Sendable& sendable : sendables) texts.push_back(textOf(sendable));
  return texts;
}

/// Why the actor cannot grant this.
std::optional<Refusal> objection(db::Transaction& transaction, const Principal& actor, const Sendable& sendable) {
  StoreAddressBook book(transaction);
  const bool isOurs = book.rules(sendable.domain).has_value();
  const std::string text = textOf(sendable);
  if (!actor.mayEverything() && !actor.domains().contains(sendable.domain))
    return Refusal{Refusal::Kind::notFound, "there is no address " + text + " of " + actor.address() + "'s domains"};
  if (isOurs && !sendable.localPart.empty() && !isSomebody(book, sendable))
    return Refusal{Refusal::Kind::notFound, "there is no user or alias " + text + "; add it first"};
  return std::nullopt;
}

SendAs grantsOf(db::Transaction& transaction, const store::Account& account) {
  return {account.address, store::SendAsRepository(transaction).list(account.id)};
}

}  // namespace

Task<Answer<SendAs>> Administration::addSendAs(std::string text, std::vector<std::string> texts) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto sendables = readSendables(texts);
  if (!sendables) co_return std::unexpected(sendables.error());
  const auto job = [&](db::Transaction& transaction, const Principal& actor, Details& details) -> Answer<SendAs> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    for (const Sendable& sendable : *sendables)
      if (const auto reason = objection(transaction, actor, sendable)) return std::unexpected(*reason);
    store::SendAsRepository(transaction).add(account->id, textsOf(*sendables));
    details.note("addresses", textsOf(*sendables));
    return grantsOf(transaction, *account);
  };
  co_return co_await ledger_.change(actOnUser("send-as.add", *address), job, db::Repeat::harmless);
}

Task<Answer<SendAs>> Administration::sendAs(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) -> Answer<SendAs> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    return grantsOf(transaction, *account);
  };
  co_return co_await ledger_.read(actOnUser("send-as.list", *address, Act::Right::self), job);
}

Task<Answer<std::vector<SendAs>>> Administration::sendAsGrants(std::string text, std::string after) {
  const Answer<std::string> domain = readDomainOrAll(text);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction, const Principal& actor) -> Answer<std::vector<SendAs>> {
    std::vector<SendAs> grants;
    for (store::Grants& one : listOf(actor, *domain, kPage, [&](const std::string& each) {
           return store::SendAsRepository(transaction).list(each, after, kPage);
         }))
      grants.push_back({std::move(one.address), std::move(one.granted)});
    return grants;
  };
  co_return co_await ledger_.read(actOn("send-as.list", *domain), job);
}

Task<Answer<SendAs>> Administration::removeSendAs(std::string text, std::vector<std::string> texts) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto sendables = readSendables(texts);
  if (!sendables) co_return std::unexpected(sendables.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<SendAs> {
    const auto account = findUser(transaction, *address);
    if (!account) return std::unexpected(account.error());
    const std::vector<std::string> granted = store::SendAsRepository(transaction).list(account->id);
    for (const std::string& one : textsOf(*sendables))
      if (std::ranges::find(granted, one) == granted.end())
        return notFound(address->text() + " has no grant to send as " + one);
    store::SendAsRepository(transaction).remove(account->id, textsOf(*sendables));
    details.note("addresses", textsOf(*sendables));
    return grantsOf(transaction, *account);
  };
  co_return co_await ledger_.change(actOnUser("send-as.remove", *address), job);
}

}  // namespace posthouse::accountd
