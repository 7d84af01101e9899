#include "store/types.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace posthouse::store {

BlobId BlobId::of(std::string_view octets) {
  BlobId id;
  unsigned length = 0;
  const int done = EVP_Digest(octets.data(), octets.size(), reinterpret_cast<unsigned char*>(id.digest.data()), &length,
                              EVP_sha256(), nullptr);
  if (done != 1 || length != id.digest.size()) throw std::runtime_error("SHA-256 failed");
  return id;
}

BlobId BlobId::from(std::string_view digest) {
  BlobId id;
  if (digest.size() != id.digest.size()) throw std::invalid_argument("a blob id has 32 octets");
  digest.copy(id.digest.data(), digest.size());
  return id;
}

}  // namespace posthouse::store
