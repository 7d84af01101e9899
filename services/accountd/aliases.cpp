#include <algorithm>
#include <optional>
#include <utility>

#include "administration.h"
#include "refusals.h"
#include "resolve.h"
#include "store_directory.h"

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
  if (!book.isLocalDomain(member.domain)) return std::nullopt;
  if (wouldLoop(book, alias, member))
    return Refusal{Refusal::Kind::invalid,
                   member.text() + " leads back to " + alias.text() + "; mail would go in circles"};
  if (resolve(book, member).result != Resolution::Result::found)
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

  const auto job = [&](db::Transaction& transaction) -> Answer<store::Alias> {
    StoreAddressBook book(transaction);
    for (const Address& member : *members)
      if (const auto reason = objection(book, *address, member)) return std::unexpected(*reason);
    auto added = store::AliasRepository(transaction).add(address->localPart, address->domain, texts(*members));
    if (added) return std::move(*added);
    if (added.error() == store::DirectoryError::noSuchDomain) return noSuchDomain(address->domain);
    return std::unexpected(
        Refusal{Refusal::Kind::exists, address->text() + " is a user; a user's address cannot be an alias"});
  };
  co_return co_await database_.transact(job, db::Repeat::harmless);
}

Task<Answer<std::vector<store::Alias>>> Administration::aliases(std::string text, std::string after) {
  std::string domain;
  if (!text.empty()) {
    const Answer<std::string> read = readDomain(text);
    if (!read) co_return std::unexpected(read.error());
    domain = *read;
  }
  const auto job = [&](db::Transaction& transaction) -> Answer<std::vector<store::Alias>> {
    if (!domain.empty() && !store::DomainRepository(transaction).exists(domain)) return noSuchDomain(domain);
    return store::AliasRepository(transaction).list(domain, after, kPage);
  };
  co_return co_await database_.query(job);
}

Task<Answer<std::string>> Administration::removeAlias(std::string text, std::vector<std::string> memberTexts) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const Answer<Members> members = readMembers(memberTexts);
  if (!members) co_return std::unexpected(members.error());

  const auto job = [&](db::Transaction& transaction) -> Answer<std::string> {
    store::AliasRepository aliases(transaction);
    const std::optional<store::Alias> alias = aliases.find(address->text());
    if (!alias) return noSuchAlias(address->text());
    for (const Address& member : *members)
      if (std::ranges::find(alias->members, member.text()) == alias->members.end())
        return std::unexpected(Refusal{Refusal::Kind::notFound, member.text() + " is no member of " + address->text()});
    if (!aliases.remove(address->text(), texts(*members))) return noSuchAlias(address->text());
    return address->text();
  };
  co_return co_await database_.transact(job);
}

}  // namespace posthouse::accountd
