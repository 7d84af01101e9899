#include "ldap/directories.h"

#include <exception>
#include <utility>

#include "async/task_group.h"
#include "store/account_repository.h"

namespace posthouse::accountd::ldap {

Directories::Directories(net::Loop& loop, db::Database& database, std::vector<Settings> settings,
                         prometheus::Registry& registry, const observe::Log& log)
    : database_(database), mailboxes_(database) {
  for (Settings& one : settings) {
    directories_.push_back(std::make_unique<Directory>(loop, std::move(one), registry, log));
    for (const std::string& domain : directories_.back()->settings().domains)
      byDomain_.emplace(domain, directories_.back().get());
  }
}

Directory* Directories::find(std::string_view domain) const {
  const auto found = byDomain_.find(domain);
  return found == byDomain_.end() ? nullptr : found->second;
}

Task<std::optional<Mailbox>> Directories::mailbox(const Directory& directory, Person person) {
  return mailboxes_.of("ldap:" + directory.settings().name, std::move(person));
}

Task<Outcome> Directories::authenticate(Address name, std::string password) {
  Directory& directory = *find(name.domain);
  Verdict verdict = co_await directory.checkPassword(std::move(name), std::move(password));
  Outcome outcome;
  if (!verdict.person) co_return outcome;
  outcome.result = Outcome::Result::badPassword;
  if (!verdict.isRight) co_return outcome;
  const bool isEnabled = verdict.person->enabled;
  const std::optional<Mailbox> box = co_await mailbox(directory, *std::move(verdict.person));
  if (!box) {
    outcome.result = Outcome::Result::noSuchUser;
  } else if (!isEnabled || !box->enabled) {
    outcome.result = Outcome::Result::disabled;
  } else {
    outcome = {.result = Outcome::Result::ok, .account = box->account, .address = box->address, .saidElsewhere = true};
  }
  co_return outcome;
}

Task<Outcome> Directories::confirm(Outcome outcome) {
  if (outcome.result != Outcome::Result::ok || outcome.saidElsewhere) co_return outcome;
  std::optional<Address> name = parseAddress(outcome.address);
  Directory* directory = name ? find(name->domain) : nullptr;
  if (directory == nullptr) co_return outcome;
  const auto isOfDirectory = [&](db::Transaction& transaction) {
    const auto account = store::AccountRepository(transaction).find(outcome.address);
    return account && !account->directory.empty();
  };
  const bool isElsewhere = co_await database_.query(isOfDirectory);
  if (!isElsewhere) co_return outcome;
  const std::optional<Person> person = co_await directory->findNow(*std::move(name));
  if (!person || !person->enabled)
    outcome = {.result = Outcome::Result::disabled, .claimedName = std::move(outcome.claimedName)};
  co_return outcome;
}

Task<> Directories::pretend(Address name, std::string password) {
  Directory& directory = *find(name.domain);
  return directory.pretend(std::move(name), std::move(password));
}

Task<> Directories::answerAll(const std::set<Address>& questions, std::map<Address, Behind>& answers) {
  std::exception_ptr failure;
  TaskGroup group([&failure](std::exception_ptr thrown) { failure = std::move(thrown); });
  auto next = questions.begin();
  for (std::size_t i = 0; i < kAtOnce && next != questions.end(); ++i)
    group.spawn(answerSome(next, questions.end(), answers));
  co_await group.drained();
  if (failure) std::rethrow_exception(failure);
}

Task<> Directories::answerSome(std::set<Address>::const_iterator& next, std::set<Address>::const_iterator end,
                               std::map<Address, Behind>& answers) {
  while (next != end) {
    const Address& address = *next++;
    Behind found = co_await behind(address);
    answers.insert_or_assign(address, std::move(found));
  }
}

Task<Behind> Directories::behind(Address address) {
  Directory& directory = *find(address.domain);
  std::optional<Person> person = co_await directory.find(address);
  if (person) {
    std::optional<Mailbox> box = co_await mailbox(directory, *std::move(person));
    if (box && box->address == address.text()) co_return Behind{.account = box->account, .members = {}};
    if (box) co_return Behind{.account = {}, .members = {std::move(box->address)}};
  }
  co_return Behind{.account = {}, .members = co_await directory.members(std::move(address))};
}

}  // namespace posthouse::accountd::ldap
