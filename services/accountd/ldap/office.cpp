#include "ldap/office.h"

#include <algorithm>
#include <utility>

#include "administration/find_user.h"
#include "administration/refusals.h"
#include "directory/store_directory.h"

namespace posthouse::accountd::ldap {
namespace {

std::string nameOf(const Directory& directory) {
  return "ldap:" + directory.settings().name;
}

/// An address, and the directory of its domain.
struct Subject {
  Address address;
  Directory* directory;
};

Answer<Subject> readSubject(const Directories& directories, std::string_view text) {
  Answer<Address> address = readAddress(text);
  if (!address) return std::unexpected(address.error());
  Directory* directory = directories.find(address->domain);
  if (directory == nullptr)
    return notFound("no external directory serves " + address->domain +
                    "; [[accountd.ldap]] domains names those that do");
  return Subject{*std::move(address), directory};
}

std::string whatHolds(db::Transaction& transaction, const Address& address) {
  const auto account = store::AccountRepository(transaction).find(address.text());
  if (!account) return StoreAddressBook(transaction).aliasMembers(address).empty() ? "" : "alias";
  if (account->kind == store::AccountKind::group) return "group";
  if (account->kind == store::AccountKind::shared) return "shared";
  return account->directory.empty() ? "user" : "mailbox";
}

}  // namespace

Task<Answer<std::vector<DirectoryCheck>>> Office::check() {
  const auto admitted = [](db::Transaction&, const Principal&) -> Answer<bool> { return true; };
  const Act act{"directory.check", "", "", Act::Right::administrator,
                Refusal{Refusal::Kind::forbidden, "only who administers everything may check directories"}};
  if (const auto may = co_await ledger_.read(act, admitted); !may) co_return std::unexpected(may.error());
  std::vector<DirectoryCheck> checks;
  for (const auto& directory : directories_.all())
    checks.push_back({directory->settings().name, directory->settings().domains, co_await directory->check()});
  co_return checks;
}

Task<Answer<std::string>> Office::heldHere(Address address) {
  const auto look = [&](db::Transaction& transaction, const Principal&) -> Answer<std::string> {
    return whatHolds(transaction, address);
  };
  co_return co_await ledger_.read(actOn("directory.show", address, noSuchDomain(address.domain)), look);
}

Task<Answer<LookedUp>> Office::lookUp(std::string text) {
  const Answer<Subject> subject = readSubject(directories_, text);
  if (!subject) co_return std::unexpected(subject.error());
  Answer<std::string> held = co_await heldHere(subject->address);
  if (!held) co_return std::unexpected(held.error());
  LookedUp found{.directory = nameOf(*subject->directory), .person = {}, .members = {}, .heldHere = *std::move(held)};
  found.person = co_await subject->directory->findNow(subject->address);
  found.members = co_await subject->directory->membersNow(subject->address);
  co_return found;
}

Task<Answer<store::Account>> Office::adopt(std::string text) {
  const Answer<Subject> subject = readSubject(directories_, text);
  if (!subject) co_return std::unexpected(subject.error());
  const std::string directory = nameOf(*subject->directory);
  const Answer<std::string> held = co_await heldHere(subject->address);
  if (!held) co_return std::unexpected(held.error());
  if (!held->empty() && *held != "user" && *held != "mailbox")
    co_return std::unexpected(Refusal{Refusal::Kind::exists, subject->address.text() + " is a " + *held + " here"});
  std::optional<Person> person = co_await subject->directory->findNow(subject->address);
  if (!person) co_return notFound(directory + " has no user " + subject->address.text());
  const bool isOwn = std::ranges::find(person->addresses, subject->address) != person->addresses.end();
  if (!isOwn) co_return invalid(subject->address.text() + " is not the address of a mailbox of " + person->name);
  if (held->empty()) co_await directories_.mailbox(*subject->directory, *std::move(person));

  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<store::Account> {
    const auto account = findUser(transaction, subject->address);
    if (!account) return account;
    store::AccountRepository(transaction).setDirectory(account->id, directory);
    store::CredentialRepository(transaction).set(account->address, {});
    details.noteChange("directory", account->directory, directory);
    return findUser(transaction, subject->address);
  };
  const Act act = actOn("directory.adopt", subject->address, noSuchUser(subject->address.text()));
  co_return co_await ledger_.change(act, job, db::Repeat::harmless);
}

Task<Answer<store::Account>> Office::release(std::string text) {
  const Answer<Address> address = readAddress(text);
  if (!address) co_return std::unexpected(address.error());
  const auto job = [&](db::Transaction& transaction, const Principal&, Details& details) -> Answer<store::Account> {
    const auto account = findUser(transaction, *address);
    if (!account) return account;
    store::AccountRepository(transaction).setDirectory(account->id, "");
    details.noteChange("directory", account->directory, std::string());
    return findUser(transaction, *address);
  };
  const Act act = actOn("directory.release", *address, noSuchUser(address->text()));
  co_return co_await ledger_.change(act, job, db::Repeat::harmless);
}

}  // namespace posthouse::accountd::ldap
