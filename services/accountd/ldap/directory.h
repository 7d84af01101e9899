#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "ldap/cache.h"
#include "ldap/check.h"
#include "ldap/metrics.h"
#include "ldap/person.h"
#include "ldap/pool.h"
#include "ldap/servers.h"
#include "ldap/settings.h"
#include "logins/verified_passwords.h"
#include "observe/log.h"

namespace posthouse::accountd::ldap {

/// What a password was, and whose.
struct Verdict {
  bool isRight = false;
  std::optional<Person> person;  // nothing: nobody has the name
};

/// One external directory, as the loop sees it. What it said of addresses is remembered for a while, and for as long as
/// it takes where it cannot be asked; of passwords, a short while and never then. All calls throw Unavailable.
class Directory {
 public:
  Directory(net::Loop& loop, Settings settings, prometheus::Registry& registry, const observe::Log& log);

  const Settings& settings() const noexcept { return settings_; }

  /// Whose mailbox the address is.
  Task<std::optional<Person>> find(Address address);
  /// Where an alias or a group by this address leads to.
  Task<std::vector<std::string>> members(Address address);
  /// The same two, and nothing remembered is good enough.
  Task<std::optional<Person>> findNow(Address address);
  Task<std::vector<std::string>> membersNow(Address address);

  /// What each server is good for.
  Task<std::vector<ServerCheck>> check();

  /// The entry is read anew every time, so that a password that matched before is forgotten with any change of it; and
  /// in any case some time after the directory said so, however often it is used.
  /// Takes as long for nobody as for a wrong password.
  Task<Verdict> checkPassword(Address address, std::string password);
  /// Takes as long as a password that is wrong: a server hashes it for an entry that is there, and only then.
  Task<> pretend(Address address, std::string password);

 private:
  struct Bound {
    bool isRight = false;
    std::chrono::steady_clock::duration took{};
  };

  /// Takes `atLeast` so long.
  Task<Bound> bind(std::string name, std::string password, std::chrono::steady_clock::duration atLeast = {});
  template <class Value>
  Task<Value> recall(Cache<Value>& cache, Address address, Task<Value> (Directory::*ask)(Address));
  template <class Work>
  Task<std::invoke_result_t<Work&, Connection&, Deadline>> search(Work work);
  std::string nobody(const Address& address) const;

  const Settings settings_;
  Metrics metrics_;
  const observe::Log log_;
  Servers servers_;
  Cache<std::optional<Person>> people_;
  Cache<std::vector<std::string>> members_;
  VerifiedPasswords verified_;
  std::deque<std::chrono::steady_clock::duration> refusals_;  // how long the last wrong passwords took
  Pool searches_;
  Pool binds_;
};

}  // namespace posthouse::accountd::ldap
