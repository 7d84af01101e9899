#include "crypto/hash_function.h"

#include <openssl/evp.h>

namespace posthouse::crypto {

const evp_md_st* algorithm(HashFunction function) {
  switch (function) {
    case HashFunction::sha1:
      return EVP_sha1();
    case HashFunction::sha256:
      return EVP_sha256();
    case HashFunction::sha512:
      break;
  }
  return EVP_sha512();
}

}  // namespace posthouse::crypto
