#pragma once
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "db/database.h"
#include "ldap/address_book.h"
#include "ldap/directory.h"
#include "ldap/mailboxes.h"
#include "logins/authenticator.h"
#include "logins/external_passwords.h"

namespace posthouse::accountd::ldap {

/// The external directories, each for its domains; what is here comes first. Everything throws Unavailable and what the
/// database throws.
class Directories final : public ExternalPasswords {
 public:
  Directories(net::Loop& loop, db::Database& database, std::vector<Settings> settings, prometheus::Registry& registry,
              const observe::Log& log);

  /// What a job says that asks an address book: `job` is over accountd::AddressBook&, and runs as often as it takes to
  /// know what external directories have to say.
  template <class Job>
  Task<std::invoke_result_t<Job&, accountd::AddressBook&>> ask(PostmasterRule postmaster, Job job) {
    std::map<Address, Behind> answers;
    std::set<Address> questions;
    const auto walk = [&](db::Transaction& transaction) {
      questions.clear();
      AddressBook book(transaction, postmaster, serves_, answers, questions);
      return job(book);
    };
    for (int round = 0; round < kMostRounds; ++round) {
      auto said = co_await database_.query(walk);
      if (questions.empty()) co_return said;
      co_await answerAll(questions, answers);
    }
    throw Unavailable("aliases of external directories are nested too deeply");
  }

  bool serves(std::string_view domain) const override { return find(domain) != nullptr; }
  Task<Outcome> authenticate(Address name, std::string password) override;
  Task<> pretend(Address name, std::string password) override;

  /// A login by proof that is not the directory's (an app password, a ticket, a certificate, a token): disabled if the
  /// directory says so of the user now, or has lost them.
  Task<Outcome> confirm(Outcome outcome);

  /// Null if the domain's users are here only.
  Directory* find(std::string_view domain) const;
  const std::vector<std::unique_ptr<Directory>>& all() const noexcept { return directories_; }
  /// The mailbox of somebody who is there, made if there is none yet.
  Task<std::optional<Mailbox>> mailbox(const Directory& directory, Person person);

 private:
  static constexpr int kMostRounds = 50;
  static constexpr std::size_t kAtOnce = 8;  // questions of one answer

  Task<> answerAll(const std::set<Address>& questions, std::map<Address, Behind>& answers);
  Task<> answerSome(std::set<Address>::const_iterator& next, std::set<Address>::const_iterator end,
                    std::map<Address, Behind>& answers);
  Task<Behind> behind(Address address);

  db::Database& database_;
  Mailboxes mailboxes_;
  std::vector<std::unique_ptr<Directory>> directories_;
  std::map<std::string, Directory*, std::less<>> byDomain_;
  const AddressBook::Serves serves_ = [this](std::string_view domain) { return serves(domain); };
};

}  // namespace posthouse::accountd::ldap
