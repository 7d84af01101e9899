// {SHA} and {SSHA}, draft-stroeder-hashed-userpassword-values (RFC 2307 §5.3 has the form), and Dovecot's longer ones.
#include "crypto/digest_hash.h"

#include <openssl/evp.h>

#include "base/cursor.h"
#include "crypto/secret.h"

namespace posthouse::crypto {
namespace {

constexpr std::size_t kMaxSalt = 128;  // octets

}  // namespace

DigestHash readDigest(HashFunction function, std::string_view octets) {
  const std::size_t size = length(function);
  if (octets.size() < size || octets.size() > size + kMaxSalt) throw SyntaxError("a digest of a wrong length");
  return {function, std::string(octets.substr(0, size)), std::string(octets.substr(size))};
}

DigestHash readUnsaltedDigest(HashFunction function, std::string_view octets) {
  if (octets.size() != length(function)) throw SyntaxError("a digest of a wrong length");
  return {function, std::string(octets), ""};
}

bool matches(const DigestHash& hash, std::string_view password) {
  std::string salted = std::string(password) + hash.salt;
  std::string digest(hash.digest.size(), '\0');
  const int done = EVP_Digest(salted.data(), salted.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr,
                              algorithm(hash.function), nullptr);
  wipe(salted);
  return done == 1 && equalInConstantTime(digest, hash.digest);
}

}  // namespace posthouse::crypto
