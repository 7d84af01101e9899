#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "async/task.h"
#include "logins/secrets.h"

namespace posthouse::accountd {

/// What a login is checked against.
struct Credential {
  std::int64_t account = 0;
  std::string address;  // the canonical one
  bool enabled = true;
  std::string phc;      // or another server's hash (crypto/password_hash.h); empty: no password is set, nobody gets in
  std::string scram{};  // as in Secrets
  bool twoFactorsRequired = false;  // by its domain
  bool totpInForce = false;
  std::string appPasswordScram{};  // as in Secrets, of one of its app passwords: new keys must have the same salts
};

/// Where credentials are kept.
class Credentials {
 public:
  virtual ~Credentials() = default;

  virtual Task<std::optional<Credential>> find(std::string login) = 0;
  /// Puts `fresh` in the place of what goes with the hash `old`; does nothing if the credential has changed meanwhile.
  virtual Task<> replace(std::string login, std::string old, Secrets fresh) = 0;
  /// 32 octets that nobody knows but every accountd.
  virtual Task<std::string> sharedSecret(std::string name) = 0;
};

}  // namespace posthouse::accountd
