#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "administration/ledger.h"
#include "async/task.h"
#include "base/clock.h"
#include "logins/credentials.h"
#include "logins/password_workers.h"
#include "store/app_password_repository.h"

namespace posthouse::accountd {

struct NewAppPassword {
  std::string address;
  std::string label;
  std::vector<std::string> protocols{};  // none: all that there are
  std::vector<std::string> networks{};   // none: from anywhere
  std::chrono::seconds lifetime{0};      // 0: it does not expire
};

struct MadeAppPassword {
  std::string address;
  store::AppPassword appPassword;
  std::string password;  // as it is shown, and never again
};

struct AppPasswordList {
  std::string address;
  std::vector<store::AppPassword> appPasswords;
};

/// Passwords that accountd makes, each for one program of a user: with whatever limits, and taken away one by one. For
/// an actor, and within what that one may do: everybody for himself.
class AppPasswordOffice {
 public:
  static constexpr std::size_t kMost = 100;  // of an account: a login by SCRAM tries all of them

  /// `scramIterations`: of accounts that have no keys for SCRAM yet.
  AppPasswordOffice(db::Database& database, PasswordWorkers& workers, Credentials& credentials,
                    std::uint32_t scramIterations, Actor actor = {}, WallClock clock = systemClock())
      : AppPasswordOffice(Ledger(database, std::move(actor)), workers, credentials, scramIterations, clock) {}

  /// The same for somebody else.
  AppPasswordOffice as(Actor actor) const {
    return {ledger_.as(std::move(actor)), workers_, credentials_, scramIterations_, clock_};
  }

  /// Throws Overloaded, too.
  Task<Answer<MadeAppPassword>> add(NewAppPassword wanted);
  Task<Answer<AppPasswordList>> list(std::string address);
  Task<Answer<std::string>> remove(std::string address, std::string label);

 private:
  AppPasswordOffice(Ledger ledger, PasswordWorkers& workers, Credentials& credentials, std::uint32_t scramIterations,
                    WallClock clock)
      : ledger_(std::move(ledger)),
        workers_(workers),
        credentials_(credentials),
        scramIterations_(scramIterations),
        clock_(std::move(clock)) {}

  Ledger ledger_;
  PasswordWorkers& workers_;
  Credentials& credentials_;
  const std::uint32_t scramIterations_;
  const WallClock clock_;
};

}  // namespace posthouse::accountd
