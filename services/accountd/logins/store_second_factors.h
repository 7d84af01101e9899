#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "crypto/sealing_keys.h"
#include "db/database.h"
#include "logins/app_password_uses.h"
#include "logins/second_factors.h"
#include "observe/log.h"

namespace posthouse::accountd {

class StoreSecondFactors final : public SecondFactors {
 public:
  /// `keys`: those that secrets of TOTP are sealed with.
  StoreSecondFactors(db::Database& database, AppPasswordUses& uses, const crypto::SealingKeys& keys, observe::Log log,
                     WallClock clock = systemClock())
      : database_(database), uses_(uses), keys_(keys), log_(std::move(log)), clock_(std::move(clock)) {}

  Task<std::optional<AppPassword>> appPassword(std::int64_t account, std::string_view typed,
                                               const Connection& connection) override;
  Task<std::vector<AppPassword>> appPasswords(std::int64_t account, const Connection& connection) override;
  void used(const AppPassword& password, const Connection& connection) override;
  Task<bool> takeCode(const Credential& credential, std::string code) override;

 private:
  db::Database& database_;
  AppPasswordUses& uses_;
  const crypto::SealingKeys& keys_;
  const observe::Log log_;
  const WallClock clock_;
};

}  // namespace posthouse::accountd
