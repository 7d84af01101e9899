#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

enum class AppPasswordId : std::int64_t {};

/// A password that one program of an account's owner has. What its words are is for accountd to say.
struct AppPassword {
  using Time = std::chrono::system_clock::time_point;

  AppPasswordId id{};
  std::string label;
  std::vector<std::string> protocols;
  std::vector<std::string> networks;  // none: from anywhere
  Time createdAt{};
  std::optional<Time> expiresAt;  // none: never
  std::optional<Time> usedAt;     // the last time
  std::string usedProtocol;
  std::string usedAddress;
};

/// What is kept of the password itself.
struct AppPasswordSecret {
  std::string digest;  // octets
  std::string scram;   // keys as text, a blank between two
};

/// One that may be good for a login.
struct LoginAppPassword {
  AppPasswordId id{};
  std::string scram;
  std::vector<std::string> protocols;
  std::vector<std::string> networks;
};

struct AppPasswordUse {
  AppPasswordId id{};
  std::chrono::system_clock::time_point at;
  std::string protocol;
  std::string address;
};

/// Only accountd's role may use it.
class AppPasswordRepository {
 public:
  explicit AppPasswordRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// False if it has one with this label already.
  bool add(AccountId account, const AppPassword& password, const AppPasswordSecret& secret);
  /// By label.
  std::vector<AppPassword> list(AccountId account);
  /// False if there is none.
  bool remove(AccountId account, std::string_view label);

  /// What a login is checked against; those that have expired are not there.
  std::optional<LoginAppPassword> find(AccountId account, std::string_view digest);
  std::vector<LoginAppPassword> usable(AccountId account);

  /// The keys for SCRAM that the account has: those of its own password, or else of an app password; empty if there are
  /// none. With a lock, nobody changes the account's credentials or app passwords before the commit.
  std::string scram(AccountId account);
  std::string holdScram(AccountId account);
  /// `scram`, or nothing if the app passwords of whoever has this login were made with other salts or iterations, which
  /// a challenge of SCRAM has no room for beside these. Nobody changes his credentials before the commit.
  std::string fitting(std::string_view login, std::string scram);

  /// Those that are gone are passed over.
  void noteUses(const std::vector<AppPasswordUse>& uses);

 private:
  db::Transaction& transaction_;
};

/// Whether every key in `made` has the salt and iterations of the one for the same mechanism in `kept`, so far as there
/// is one.
bool haveOneSalt(std::string_view kept, std::string_view made);

}  // namespace posthouse::store
