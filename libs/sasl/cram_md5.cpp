// CRAM-MD5, RFC 2195 §2.
#include "sasl/cram_md5.h"

#include "base/utf8.h"
#include "crypto/digest.h"
#include "crypto/hash.h"
#include "crypto/secret.h"
#include "sasl/md5_digits.h"

namespace posthouse::sasl {

/// The user name, a space, and a digest. A name may hold spaces, a digest does not.
std::expected<CramMd5Response, Malformed> parseCramMd5(std::string_view response) {
  const std::size_t space = response.rfind(' ');
  if (response.size() > CramMd5Response::kMaxSize || space == std::string_view::npos || space == 0)
    return std::unexpected(Malformed{"not a name and a digest"});
  const std::string_view name = response.substr(0, space);
  const std::string_view digest = response.substr(space + 1);
  if (!isMd5Digits(digest)) return std::unexpected(Malformed{"not a digest in lower-case hexadecimal"});
  if (name.contains('\0') || !utf8::isValid(name)) return std::unexpected(Malformed{"not a name"});
  return CramMd5Response{.name = std::string(name), .digest = std::string(digest)};
}

bool verifyCramMd5(std::string_view challenge, const CramMd5Response& response, std::string_view secret) {
  const bool isRight =
      crypto::equalInConstantTime(crypto::hex(crypto::hmac(crypto::Hash::md5, secret, challenge)), response.digest);
  return isRight && !secret.empty();
}

}  // namespace posthouse::sasl
