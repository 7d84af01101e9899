#pragma once
#include <string>
#include <string_view>

#include "crypto/hash.h"

namespace posthouse::crypto {

/// One digest of the password and of a salt behind it, which may be empty: {SHA} and {SSHA} of LDAP directories, and
/// their longer kin.
struct DigestHash {
  Hash function;
  std::string digest;
  std::string salt;
};

/// From the octets of the digest and, behind them, of the salt. Throws SyntaxError.
DigestHash readDigest(Hash function, std::string_view octets);
/// The same where there may be no salt.
DigestHash readUnsaltedDigest(Hash function, std::string_view octets);

bool matches(const DigestHash& hash, std::string_view password);

}  // namespace posthouse::crypto
