#include <algorithm>
#include <optional>
#include <utility>

#include "administration/administration.h"
#include "administration/refusals.h"
#include "directory/resolve.h"
#include "directory/store_directory.h"

namespace posthouse::accountd {
namespace {

constexpr std::size_t kMaxMembers = 10'000;  // of one call

using Members = std::vector<Address>;

Answer<Members> readMembers(const std::vector<std::string>& texts) {
  if (texts.size() > kMaxMembers) return invalid("more than 10000 members at once");
  Members members;
  for (const std::string& text : texts) {
    Answer<Address> member = readAddress(text);
    if (!member) return std::unexpected(member.error());
    if (std::ranges::find(members, *member) == members.end()) members.push_back(std::move(*member));
  }
  return members;
}

std::vector<std::string> texts(const Members& members) {
  std::vector<std::string> texts;
  for (const Address& member : members) texts.push_back(member.text());
  return texts;
}

/// Why this address cannot be a member of that alias.
std::optional<Refusal> objection(StoreAddressBook& book, const Address& alias, const Address& member) {
  if (!book.rules(member.domain)) return std::nullopt;
  if (wouldLoop(book, alias, member))
    return Refusal{Refusal::Kind::invalid,
                   member.text() + " leads back to " + alias.text() + "; mail would go in circles"};
  if (!isSomebody(book, member))
    return Refusal{Refusal::Kind::notFound, "there is no user or alias " + member.text() + "; add it first"};
  return std::nullopt;
}

}  // namespace

Task<Answer<store::Alias>> Administration::addAlias(std::string text, std::vector<std::string> memberTexts) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const Answer<Members> members = readMembers(memberTexts);
  if (!members) co_return std::unexpected(members.error());
  if (members->empty()) co_return invalid("an alias needs at least one member");

  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<store::Alias> {
    StoreAddressBook book(transaction);
    for (const Address& member : *members)
      if (const auto reason = objection(book, *address, member)) return std::unexpected(*reason);
    auto added = store::AliasRepository(transaction).add(address->localPart, address->domain, texts(*members));
    if (added) {
      details.note("members", texts(*members));
      return std::move(*added);
    }
    if (added.error() == store::DirectoryError::noSuchDomain) return noSuchDomain(address->domain);
    if (added.error() == store::DirectoryError::full) return full(address->domain, "aliases");
    return std::unexpected(
        Refusal{Refusal::Kind::exists, address->text() + " is a user; a user's address cannot be an alias"});
  };
  const Act act = actOn("alias.add", *address, noSuchDomain(address->domain));
  co_return co_await ledger_.change(act, job, db::Repeat::harmless);
}

Task<Answer<std::vector<store::Alias>>> Administration::aliases(std::string text, std::string after) {
  const Answer<std::string> domain = readDomainOrAll(text);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction, const Principal& actor) -> Answer<std::vector<store::Alias>> {
    if (!domain->empty() && !store::DomainRepository(transaction).exists(*domain)) return noSuchDomain(*domain);
    return listOf(actor, *domain, kPage,
                  [&](const std::string& one) { return store::AliasRepository(transaction).list(one, after, kPage); });
  };
  co_return co_await ledger_.read(actOn("alias.list", *domain), job);
}

Task<Answer<std::string>> Administration::removeAlias(std::string text, std::vector<std::string> memberTexts) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const Answer<Members> members = readMembers(memberTexts);
  if (!members) co_return std::unexpected(members.error());

  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<std::string> {
    store::AliasRepository aliases(transaction);
    const std::optional<store::Alias> alias = aliases.find(address->text());
    if (!alias) return noSuchAlias(address->text());
    for (const Address& member : *members)
      if (std::ranges::find(alias->members, member.text()) == alias->members.end())
        return notFound(member.text() + " is no member of " + address->text());
    if (!aliases.remove(address->text(), texts(*members))) return noSuchAlias(address->text());
    details.note("members", members->empty() ? alias->members : texts(*members));
    return address->text();
  };
  co_return co_await ledger_.change(actOn("alias.remove", *address, noSuchAlias(address->text())), job);
}

}  // namespace posthouse::accountd
