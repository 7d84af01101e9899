#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/password.h"

namespace posthouse::accountd {

/// How what is stored of a password is made.
struct PasswordPolicy {
  crypto::PasswordCost cost{};
  /// Of the keys for SCRAM; 0: none are made. They can be tried out offline faster than argon2id, should they be
  /// stolen.
  std::uint32_t scramIterations = 0;
};

/// What is stored of a password.
struct Secrets {
  std::string phc;
  std::string scram;  // sasl::toString of the keys for SHA-256 and SHA-1, a blank between; or empty
};

/// Takes as long as the policy says: never on the event loop. The keys for SCRAM have the salts and iterations of those
/// in `like`, if there are any.
Secrets deriveSecrets(std::string_view preparedPassword, const PasswordPolicy& policy, std::string_view like = {});

}  // namespace posthouse::accountd
