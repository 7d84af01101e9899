#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "administration/ledger.h"
#include "async/task.h"
#include "base/clock.h"
#include "crypto/sealing_keys.h"

namespace posthouse::accountd {

struct TotpEnrolment {
  std::string address;
  std::string secret;  // in base 32
  std::string uri;     // otpauth://…
};

struct RecoveryCodes {
  std::string address;
  std::vector<std::string> codes;  // as they are shown, and never again
};

struct TotpStatus {
  std::string address;
  bool isEnrolled = false;
  bool isInForce = false;
  bool refusesCodes = false;       // too many wrong ones came
  std::int64_t recoveryCodes = 0;  // that are left
};

/// One-time codes (RFC 6238) of users. For an actor, and within what that one may do: everybody for himself.
class TotpOffice {
 public:
  static constexpr std::size_t kRecoveryCodes = 10;

  /// `keys` seal the secrets.
  TotpOffice(db::Database& database, const crypto::SealingKeys& keys, Actor actor = {}, WallClock clock = systemClock())
      : TotpOffice(Ledger(database, std::move(actor)), keys, std::move(clock)) {}

  /// The same for somebody else.
  TotpOffice as(Actor actor) const { return {ledger_.as(std::move(actor)), keys_, clock_}; }

  /// A secret that is not in force until confirm() is told one of its codes.
  Task<Answer<TotpEnrolment>> enroll(std::string address);
  Task<Answer<RecoveryCodes>> confirm(std::string address, std::string code);
  Task<Answer<TotpStatus>> status(std::string address);
  /// In the place of those that there were.
  Task<Answer<RecoveryCodes>> makeRecoveryCodes(std::string address);
  Task<Answer<std::string>> remove(std::string address);

 private:
  TotpOffice(Ledger ledger, const crypto::SealingKeys& keys, WallClock clock)
      : ledger_(std::move(ledger)), keys_(keys), clock_(std::move(clock)) {}

  Ledger ledger_;
  const crypto::SealingKeys& keys_;
  const WallClock clock_;
};

}  // namespace posthouse::accountd
