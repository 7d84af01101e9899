// APOP's digest, RFC 1939 §7.
#include "sasl/apop.h"

#include <string>

#include "crypto/digest.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "sasl/md5_digits.h"

namespace posthouse::sasl {

bool verifyApop(std::string_view timestamp, std::string_view digest, std::string_view secret) {
  if (!isMd5Digits(digest)) return false;
  std::string text;
  text.reserve(timestamp.size() + secret.size());  // no copy of the secret is left behind by growing
  text.append(timestamp).append(secret);
  const std::string expected = crypto::hex(crypto::digest(crypto::Hash::md5, text));
  crypto::wipe(text);
  return crypto::equalInConstantTime(expected, digest) && !secret.empty();
}

}  // namespace posthouse::sasl
