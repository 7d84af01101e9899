#include "tokens/signature.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <memory>

#include "base/free_with.h"

namespace posthouse::accountd {
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, FreeWith<EVP_MD_CTX_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, FreeWith<ECDSA_SIG_free>>;

const unsigned char* data(const std::string& octets) {
  return reinterpret_cast<const unsigned char*>(octets.data());
}

const EVP_MD* hashOf(JwsAlgorithm algorithm) {
  switch (algorithm) {
    case JwsAlgorithm::rs256:
    case JwsAlgorithm::ps256:
    case JwsAlgorithm::es256:
      return EVP_sha256();
    case JwsAlgorithm::rs384:
    case JwsAlgorithm::ps384:
    case JwsAlgorithm::es384:
      return EVP_sha384();
    case JwsAlgorithm::rs512:
    case JwsAlgorithm::ps512:
    case JwsAlgorithm::es512:
      return EVP_sha512();
    case JwsAlgorithm::edDsa:
      break;
  }
  return nullptr;
}

bool isPss(JwsAlgorithm algorithm) {
  return algorithm == JwsAlgorithm::ps256 || algorithm == JwsAlgorithm::ps384 || algorithm == JwsAlgorithm::ps512;
}

/// "The size of the salt value is the same size as the hash function output" (RFC 7518 §3.5); the mask is made with the
/// same hash.
bool setPss(EVP_PKEY_CTX* context, const EVP_MD* hash) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, hash) == 1;
}

/// R and S, each as long as a coordinate (RFC 7518 §3.4), as OpenSSL wants them: in DER. Empty if they are of another
/// length.
std::string derOf(const std::string& signature, std::size_t size) {
  if (signature.size() != 2 * size) return {};
  const EcdsaSignature both(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(data(signature), static_cast<int>(size), nullptr);
  BIGNUM* s = BN_bin2bn(data(signature) + size, static_cast<int>(size), nullptr);
  if (!both || ECDSA_SIG_set0(both.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  std::string der(static_cast<std::size_t>(std::max(0, i2d_ECDSA_SIG(both.get(), nullptr))), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(both.get(), &out);
  return der;
}

std::size_t coordinateSize(KeyType type) {
  switch (type) {
    case KeyType::p256:
      return 32;
    case KeyType::p384:
      return 48;
    case KeyType::p521:
      return 66;
    case KeyType::rsa:
    case KeyType::edwards:
      break;
  }
  return 0;
}

}  // namespace

bool isSignedBy(const Jws& jws, const Jwk& key) {
  if (!key.isFor(jws.algorithm)) return false;
  const std::size_t coordinate = coordinateSize(key.type);
  const std::string signature = coordinate == 0 ? jws.signature : derOf(jws.signature, coordinate);
  const EVP_MD* hash = hashOf(jws.algorithm);
  const Context context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;  // owned by the context
  const bool isSigned = !signature.empty() && context &&
                        EVP_DigestVerifyInit(context.get(), &parameters, hash, nullptr, key.key.get()) == 1 &&
                        (!isPss(jws.algorithm) || setPss(parameters, hash)) &&
                        EVP_DigestVerify(context.get(), data(signature), signature.size(), data(jws.signingInput),
                                         jws.signingInput.size()) == 1;
  ERR_clear_error();
  return isSigned;
}

std::optional<TokenRefusal> refusalBy(const Jws& jws, const Jwks& keys) {
  constexpr int kMostTries = 10;
  int tries = 0;
  bool isKnown = false;
  for (const Jwk& key : keys) {
    if (jws.keyId && key.keyId != jws.keyId) continue;
    isKnown = true;
    if (!key.isFor(jws.algorithm)) continue;
    if (isSignedBy(jws, key)) return std::nullopt;
    if (++tries == kMostTries) break;
  }
  if (!jws.keyId || !isKnown) return TokenRefusal::unknownKey;
  return tries > 0 ? TokenRefusal::signature : TokenRefusal::algorithm;
}

}  // namespace posthouse::accountd
