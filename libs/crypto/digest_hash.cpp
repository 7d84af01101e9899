// {SHA} and {SSHA}, draft-stroeder-hashed-userpassword-values (RFC 2307 §5.3 has the form), and Dovecot's longer ones.
#include "crypto/digest_hash.h"

#include "base/cursor.h"
#include "crypto/secret.h"

namespace posthouse::crypto {
namespace {

constexpr std::size_t kMaxSalt = 128;  // octets

}  // namespace

DigestHash readDigest(Hash function, std::string_view octets) {
  const std::size_t size = digestSize(function);
  if (octets.size() < size || octets.size() > size + kMaxSalt) throw SyntaxError("a digest of a wrong length");
  return {function, std::string(octets.substr(0, size)), std::string(octets.substr(size))};
}

DigestHash readUnsaltedDigest(Hash function, std::string_view octets) {
  if (octets.size() != digestSize(function)) throw SyntaxError("a digest of a wrong length");
  return {function, std::string(octets), ""};
}

bool matches(const DigestHash& hash, std::string_view password) {
  std::string salted = std::string(password) + hash.salt;
  const std::string made = digest(hash.function, salted);
  wipe(salted);
  return equalInConstantTime(made, hash.digest);
}

}  // namespace posthouse::crypto
