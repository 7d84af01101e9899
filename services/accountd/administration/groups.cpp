#include <algorithm>
#include <optional>
#include <utility>

#include "administration/administration.h"
#include "administration/refusals.h"
#include "store/group_repository.h"

namespace posthouse::accountd {
namespace {

using store::AccountKind;

constexpr std::size_t kMaxMembers = 10'000;  // of one call

bool isGroup(const store::Account& account) {
  return account.kind != AccountKind::individual;
}

/// A group's members are users and shared mailboxes, a shared mailbox's are users: nothing nests.
bool mayBelong(const store::Account& member, AccountKind to) {
  return member.kind == AccountKind::individual || (to == AccountKind::group && member.kind == AccountKind::shared);
}

std::string nameOf(AccountKind kind) {
  return kind == AccountKind::group ? "group" : "shared mailbox";
}

Answer<store::Account> findGroup(db::Transaction& transaction, const Address& address) {
  std::optional<store::Account> account = store::AccountRepository(transaction).find(address.text());
  if (!account || !isGroup(*account)) return noSuchGroup(address.text());
  return std::move(*account);
}

Answer<std::vector<Address>> readMembers(const std::vector<std::string>& texts) {
  if (texts.empty()) return invalid("no member is named");
  if (texts.size() > kMaxMembers) return invalid("more than 10000 members at once");
  std::vector<Address> members;
  for (const std::string& text : texts) {
    Answer<Address> member = readAddress(text);
    if (!member) return std::unexpected(member.error());
    members.push_back(std::move(*member));
  }
  return members;
}

/// Those whom the actor may know of.
Answer<std::vector<store::AccountId>> findMembers(db::Transaction& transaction, const Principal& actor,
                                                  const std::vector<Address>& addresses, AccountKind to) {
  store::AccountRepository accounts(transaction);
  std::vector<store::AccountId> members;
  for (const Address& address : addresses) {
    const std::optional<store::Account> member = accounts.find(address.text());
    if (!member || !actor.sees(address.text(), address.domain)) return noSuchUser(address.text());
    if (!mayBelong(*member, to))
      return invalid(address.text() + " is a " + nameOf(member->kind) + ", which cannot be a member of a " +
                     nameOf(to));
    members.push_back(member->id);
  }
  return members;
}

std::vector<std::string> textsOf(const std::vector<Address>& addresses) {
  std::vector<std::string> texts;
  for (const Address& address : addresses) texts.push_back(address.text());
  return texts;
}

Act actOnGroup(std::string_view action, const Address& address) {
  return actOn(action, address, noSuchGroup(address.text()));
}

store::Group withMembers(db::Transaction& transaction, const Address& address) {
  store::Account account = store::AccountRepository(transaction).find(address.text()).value();
  std::vector<store::Account> one;
  one.push_back(std::move(account));
  return std::move(store::GroupRepository(transaction).withMembers(std::move(one)).front());
}

}  // namespace

Task<Answer<store::Group>> Administration::addGroup(NewGroup group) {
  const Answer<Address> address = readAddress(group.address);
  if (!address) co_return std::unexpected(address.error());
  const Answer<std::vector<Address>> addresses = readMembers(group.members);
  if (!addresses) co_return std::unexpected(addresses.error());
  if (group.kind == AccountKind::individual) co_return invalid("neither a group nor a shared mailbox");
  if (group.kind == AccountKind::group && group.quotaBytes)
    co_return invalid("a group holds no mail and has no quota; its members have");
  if (group.kind == AccountKind::shared && group.membersOnly)
    co_return invalid("anyone may send to a shared mailbox; that only members may is for a group");
  if (group.quotaBytes.value_or(0) < 0) co_return invalid("a quota cannot be negative");

  const auto job = [&](db::Transaction& transaction, const Principal& actor, Details& details) -> Answer<store::Group> {
    const auto members = findMembers(transaction, actor, *addresses, group.kind);
    if (!members) return std::unexpected(members.error());
    const auto created = store::AccountRepository(transaction)
                             .create(address->localPart, address->domain, "", group.quotaBytes, group.kind);
    if (!created) return refused(created.error(), *address);
    store::GroupRepository groups(transaction);
    groups.add(*created, *members);
    groups.setMembersOnly(*created, group.membersOnly);
    details.note("kind", nameOf(group.kind));
    details.note("members", textsOf(*addresses));
    details.note("members_only", group.membersOnly);
    return withMembers(transaction, *address);
  };
  co_return co_await ledger_.change(actOn("group.add", *address, noSuchDomain(address->domain)), job);
}

Task<Answer<store::Group>> Administration::group(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&) -> Answer<store::Group> {
    const auto found = findGroup(transaction, *address);
    if (!found) return std::unexpected(found.error());
    return withMembers(transaction, *address);
  };
  co_return co_await ledger_.read(actOnGroup("group.show", *address), job);
}

Task<Answer<std::vector<store::Group>>> Administration::groups(AccountKind kind, std::string text, std::string after) {
  const Answer<std::string> domain = readDomainOrAll(text);
  if (!domain) co_return std::unexpected(domain.error());
  const auto job = [&](db::Transaction& transaction, const Principal& actor) -> Answer<std::vector<store::Group>> {
    if (!domain->empty() && !store::DomainRepository(transaction).exists(*domain)) return noSuchDomain(*domain);
    return store::GroupRepository(transaction).withMembers(listOf(actor, *domain, kPage, [&](const std::string& one) {
      return store::AccountRepository(transaction).list(one, after, kPage, kind);
    }));
  };
  co_return co_await ledger_.read(actOn("group.list", *domain), job);
}

Task<Answer<store::Group>> Administration::setMembersOnly(std::string text, bool membersOnly) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<store::Group> {
    const auto found = findGroup(transaction, *address);
    if (!found) return std::unexpected(found.error());
    if (found->kind != AccountKind::group) return invalid("anyone may send to a shared mailbox");
    store::GroupRepository(transaction).setMembersOnly(found->id, membersOnly);
    details.noteChange("members_only", found->membersOnly, membersOnly);
    return withMembers(transaction, *address);
  };
  co_return co_await ledger_.change(actOnGroup("group.set", *address), job, db::Repeat::harmless);
}

Task<Answer<store::Group>> Administration::addMembers(std::string text, std::vector<std::string> memberTexts) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const Answer<std::vector<Address>> addresses = readMembers(memberTexts);
  if (!addresses) co_return std::unexpected(addresses.error());
  const auto job = [&](db::Transaction& transaction, const Principal& actor, Details& details) -> Answer<store::Group> {
    const auto found = findGroup(transaction, *address);
    if (!found) return std::unexpected(found.error());
    const auto members = findMembers(transaction, actor, *addresses, found->kind);
    if (!members) return std::unexpected(members.error());
    store::GroupRepository(transaction).add(found->id, *members);
    details.note("members", textsOf(*addresses));
    return withMembers(transaction, *address);
  };
  co_return co_await ledger_.change(actOnGroup("member.add", *address), job, db::Repeat::harmless);
}

Task<Answer<store::Group>> Administration::removeMembers(std::string text, std::vector<std::string> memberTexts) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const Answer<std::vector<Address>> addresses = readMembers(memberTexts);
  if (!addresses) co_return std::unexpected(addresses.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<store::Group> {
    const auto found = findGroup(transaction, *address);
    if (!found) return std::unexpected(found.error());
    store::GroupRepository groups(transaction);
    const std::vector<store::Member> members = groups.members(found->id);
    std::vector<store::AccountId> leaving;
    for (const Address& leaver : *addresses) {
      const auto member = std::ranges::find(members, leaver.text(), &store::Member::address);
      if (member == members.end())
        return std::unexpected(Refusal{Refusal::Kind::notFound, leaver.text() + " is no member of " + address->text()});
      leaving.push_back(member->id);
    }
    groups.remove(found->id, leaving);
    details.note("members", textsOf(*addresses));
    return withMembers(transaction, *address);
  };
  co_return co_await ledger_.change(actOnGroup("member.remove", *address), job);
}

Task<Answer<std::string>> Administration::removeGroup(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<std::string> {
    const auto found = findGroup(transaction, *address);
    if (!found) return std::unexpected(found.error());
    store::AccountRepository(transaction).remove(address->text());
    details.note("kind", nameOf(found->kind));
    return address->text();
  };
  co_return co_await ledger_.change(actOnGroup("group.remove", *address), job);
}

}  // namespace posthouse::accountd
