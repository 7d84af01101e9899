#include "logins/secrets.h"

#include "logins/scram_text.h"

namespace posthouse::accountd {

Secrets deriveSecrets(std::string_view preparedPassword, const PasswordPolicy& policy, std::string_view like) {
  Secrets secrets{.phc = crypto::hashPassword(preparedPassword, policy.cost), .scram = {}};
  if (policy.scramIterations > 0) secrets.scram = deriveScramText(preparedPassword, policy.scramIterations, like);
  return secrets;
}

}  // namespace posthouse::accountd
