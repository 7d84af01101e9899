#include "logins/second_factors.h"

namespace posthouse::accountd {

std::optional<Outcome::Result> objectionToPassword(const Credential& credential, std::string_view protocol) {
  if (!credential.twoFactorsRequired && !credential.totpInForce) return std::nullopt;
  return protocol == kWeb ? Outcome::Result::needsCode : Outcome::Result::needsAppPassword;
}

}  // namespace posthouse::accountd
