#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "crypto/sealing_keys.h"
#include "db/database.h"
#include "logins/authenticator.h"
#include "logins/credentials.h"
#include "logins/shared_secret_kind.h"
#include "observe/log.h"
#include "store/shared_secret_repository.h"

namespace posthouse::accountd {

/// Decides who a client is by a secret that both sides know. Whatever is wrong is done and answered alike: a name that
/// nobody has, an account without such a secret, a proof of another secret.
class SharedSecrets {
 public:
  /// Whether the client has proved that it knows this secret.
  using Proof = std::function<bool(std::string_view secret)>;

  /// Without keys nobody is let in.
  SharedSecrets(db::Database& database, Credentials& credentials, const crypto::SealingKeys& keys, observe::Log log)
      : database_(database), credentials_(credentials), keys_(keys), log_(std::move(log)) {}

  /// A secret that an older key sealed is sealed with the first, once somebody has proved to know it. Throws what the
  /// database throws.
  Task<Outcome> judge(SharedSecretKind kind, std::string name, std::string protocol, Proof proves);

 private:
  Task<Outcome> welcome(const store::SealedSecret& found, const std::string& login, const std::string& protocol);
  std::optional<std::string> open(const store::SealedSecret& found, SharedSecretKind kind) const;
  Task<> sealAgain(const store::SealedSecret& found, SharedSecretKind kind, const std::string& secret);

  db::Database& database_;
  Credentials& credentials_;
  const crypto::SealingKeys& keys_;
  const observe::Log log_;
};

}  // namespace posthouse::accountd
