#include "logins/secrets.h"

#include "crypto/random.h"
#include "sasl/scram_keys.h"

namespace posthouse::accountd {

Secrets deriveSecrets(std::string_view preparedPassword, const PasswordPolicy& policy) {
  constexpr std::size_t kSalt = 16;  // octets
  Secrets secrets{.phc = crypto::hashPassword(preparedPassword, policy.cost), .scram = {}};
  if (policy.scramIterations == 0) return secrets;
  for (const crypto::Hash hash : {crypto::Hash::sha256, crypto::Hash::sha1}) {
    if (!secrets.scram.empty()) secrets.scram += ' ';
    secrets.scram += sasl::toString(
        sasl::deriveScramKeys(hash, preparedPassword, crypto::randomOctets(kSalt), policy.scramIterations));
  }
  return secrets;
}

}  // namespace posthouse::accountd
