#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

struct Totp {
  std::string secret;  // sealed
  bool inForce = false;
  std::int64_t lastStep = 0;  // of the last code that was taken
  int wrongCodes = 0;         // in a row
};

/// What makes an account's one-time codes, and the recovery codes that do instead. Only accountd's role may use it.
class TotpRepository {
 public:
  explicit TotpRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  std::optional<Totp> find(AccountId account);
  /// The same, and nobody else holds it or takes a code before the commit. Nothing if so many wrong codes came in a
  /// row.
  std::optional<Totp> hold(AccountId account, int mostWrongCodes);
  void countWrongCode(AccountId account);
  /// A secret that is not in force yet, in the place of another such. False if one is in force.
  bool enroll(AccountId account, std::string_view sealed);
  void putInForce(AccountId account);
  /// With its recovery codes. False if there was none.
  bool remove(AccountId account);

  /// Takes the code of a step, of a secret that is now sealed as `sealed`, and forgets wrong ones. False if that of
  /// this step or a later one was taken before, by whatever instance.
  bool takeStep(AccountId account, std::int64_t step, std::string_view sealed);

  /// In the place of those that there were; digests as octets.
  void setRecoveryCodes(AccountId account, const std::vector<std::string>& digests);
  std::int64_t recoveryCodes(AccountId account);
  /// Forgets wrong codes of TOTP, too. False if there is no such code, or it was taken before.
  bool takeRecoveryCode(AccountId account, std::string_view digest);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
