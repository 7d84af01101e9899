#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "administration/ledger.h"
#include "async/task.h"
#include "crypto/sealing_keys.h"
#include "db/database.h"
#include "logins/shared_secret_kind.h"

namespace posthouse::accountd {

/// Which secrets a user has.
struct SharedSecretsOf {
  std::string address;
  std::vector<SharedSecretKind> kinds;
};

inline const std::string& subject(const SharedSecretsOf& user) {
  return user.address;
}

/// What administrators do to the secrets of users that are kept as they are. As Administration: done for an actor, and
/// within what that one may do; throws what the database throws.
class SharedSecretOffice {
 public:
  /// Without keys no secret can be set.
  SharedSecretOffice(db::Database& database, const crypto::SealingKeys& keys, Actor actor = {})
      : ledger_(database, std::move(actor)), keys_(keys) {}

  /// The same for somebody else.
  SharedSecretOffice as(Actor actor) const { return {ledger_.as(std::move(actor)), keys_}; }

  /// Turns the mechanism on for the user, or gives it another secret. No kind, as a caller of another version may ask
  /// for, is refused.
  Task<Answer<SharedSecretsOf>> set(std::string address, std::optional<SharedSecretKind> kind, std::string secret);
  Task<Answer<SharedSecretsOf>> remove(std::string address, std::optional<SharedSecretKind> kind);
  Task<Answer<SharedSecretsOf>> secretsOf(std::string address);
  /// Up to kPage users that have any, by address, from the one after `after`. An empty domain: all.
  Task<Answer<std::vector<SharedSecretsOf>>> list(std::string domain, std::string after);

  static constexpr int kPage = 500;

 private:
  SharedSecretOffice(Ledger ledger, const crypto::SealingKeys& keys) : ledger_(std::move(ledger)), keys_(keys) {}

  Ledger ledger_;
  const crypto::SealingKeys& keys_;
};

}  // namespace posthouse::accountd
