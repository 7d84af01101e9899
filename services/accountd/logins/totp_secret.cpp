#include "logins/totp_secret.h"

#include <stdexcept>

#include "crypto/one_time_code.h"
#include "crypto/secret.h"

namespace posthouse::accountd {
namespace {

std::string contextOf(std::string_view address) {
  return "totp " + std::string(address);
}

/// As authenticators show it, "123 456", too.
std::string withoutBlanks(std::string_view text) {
  std::string code(text);
  std::erase(code, ' ');
  return code;
}

}  // namespace

std::string sealTotp(const crypto::SealingKeys& keys, std::string_view secret, std::string_view address) {
  return keys.seal(secret, contextOf(address));
}

std::optional<TotpProof> proveTotp(const crypto::SealingKeys& keys, const store::Totp& totp, std::string_view address,
                                   std::string_view code, std::chrono::system_clock::time_point now) {
  std::optional<std::string> secret = keys.open(totp.secret, contextOf(address));
  if (!secret)
    throw std::runtime_error("none of accountd.sealing_keys opens the TOTP secret of " + std::string(address) +
                             ": put the key back that sealed it, or enroll anew");
  const std::string said = withoutBlanks(code);
  std::optional<TotpProof> proof;
  const std::int64_t present = crypto::timeStep(now);
  for (std::int64_t step = present - 1; step <= present + 1; ++step) {
    const std::string right = crypto::oneTimeCode(*secret, static_cast<std::uint64_t>(step));
    if (!proof && crypto::equalInConstantTime(said, right) && step > totp.lastStep) proof = TotpProof{step, {}};
  }
  if (proof) proof->sealed = keys.isOutdated(totp.secret) ? sealTotp(keys, *secret, address) : totp.secret;
  crypto::wipe(*secret);
  return proof;
}

}  // namespace posthouse::accountd
