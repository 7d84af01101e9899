#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/base64url.h"

namespace posthouse::test {

using nlohmann::json;

inline std::string octetsOf(EVP_PKEY* key, const char* parameter, std::size_t size = 0) {
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key, parameter, &number) != 1) throw std::runtime_error("no such parameter");
  std::string octets(std::max(size, static_cast<std::size_t>(BN_num_bytes(number))), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(octets.data()), static_cast<int>(octets.size()));
  BN_free(number);
  return octets;
}

/// A key pair that signs tokens, as an issuer does.
class Signer {
 public:
  /// `type`: "RSA", "P-256", "P-384", "P-521", "ED25519" or "ED448".
  explicit Signer(const std::string& type, std::size_t rsaBits = 2048) : type_(type) {
    if (type == "RSA") {
      key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", rsaBits);
    } else if (type.starts_with("P-")) {
      key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", type.c_str());
    } else {
      key_ = EVP_PKEY_Q_keygen(nullptr, nullptr, type.c_str());
    }
    if (key_ == nullptr) throw std::runtime_error("no key could be made");
  }
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  ~Signer() { EVP_PKEY_free(key_); }

  /// Its public part, RFC 7517.
  json jwk(const std::string& keyId = "") const {
    json key = keyId.empty() ? json::object() : json{{"kid", keyId}};
    if (type_ == "RSA") {
      key["kty"] = "RSA";
      key["n"] = base64url::encode(octetsOf(key_, OSSL_PKEY_PARAM_RSA_N));
      key["e"] = base64url::encode(octetsOf(key_, OSSL_PKEY_PARAM_RSA_E));
    } else if (type_.starts_with("P-")) {
      key["kty"] = "EC";
      key["crv"] = type_;
      key["x"] = base64url::encode(octetsOf(key_, OSSL_PKEY_PARAM_EC_PUB_X, coordinate()));
      key["y"] = base64url::encode(octetsOf(key_, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate()));
    } else {
      std::string x(64, '\0');
      std::size_t size = x.size();
      EVP_PKEY_get_raw_public_key(key_, reinterpret_cast<unsigned char*>(x.data()), &size);
      key["kty"] = "OKP";
      key["crv"] = type_ == "ED25519" ? "Ed25519" : "Ed448";
      key["x"] = base64url::encode(x.substr(0, size));
    }
    return key;
  }

  std::string publicPem() const {
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(memory, key_);
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory, &text);
    std::string pem(text, static_cast<std::size_t>(size));
    BIO_free(memory);
    return pem;
  }

  /// By the algorithm that the header says, or as if it were one.
  std::string token(const json& header, const std::string& payload) const {
    const std::string input = base64url::encode(header.dump()) + "." + base64url::encode(payload);
    return input + "." + base64url::encode(sign(input, header.value("alg", "RS256")));
  }
  std::string token(const json& header, const json& claims) const { return token(header, claims.dump()); }

 private:
  std::size_t coordinate() const { return type_ == "P-256" ? 32 : type_ == "P-384" ? 48 : 66; }

  std::string sign(const std::string& input, const std::string& algorithm) const {
    const EVP_MD* hash = algorithm.ends_with("512")   ? EVP_sha512()
                         : algorithm.ends_with("384") ? EVP_sha384()
                                                      : EVP_sha256();
    if (type_.starts_with("ED")) hash = nullptr;
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_PKEY_CTX* parameters = nullptr;
    EVP_DigestSignInit(context, &parameters, hash, nullptr, key_);
    if (type_ == "RSA" && algorithm.starts_with("PS")) {
      EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST);
    }
    std::string signature(1024, '\0');
    std::size_t size = signature.size();
    const bool done = EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                                     reinterpret_cast<const unsigned char*>(input.data()), input.size()) == 1;
    EVP_MD_CTX_free(context);
    if (!done) throw std::runtime_error("cannot sign");
    signature.resize(size);
    return type_.starts_with("P-") ? rawOf(signature) : signature;
  }

  /// R and S of a signature in DER.
  std::string rawOf(const std::string& der) const {
    const auto* in = reinterpret_cast<const unsigned char*>(der.data());
    ECDSA_SIG* both = d2i_ECDSA_SIG(nullptr, &in, static_cast<long>(der.size()));
    const int size = static_cast<int>(coordinate());
    std::string raw(2 * coordinate(), '\0');
    auto* out = reinterpret_cast<unsigned char*>(raw.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(both), out, size);
    BN_bn2binpad(ECDSA_SIG_get0_s(both), out + size, size);
    ECDSA_SIG_free(both);
    return raw;
  }

  const std::string type_;
  EVP_PKEY* key_ = nullptr;
};

/// A token "signed" by an HMAC whose key is whatever text it is given: what a public key is good for where "alg" is
/// believed.
inline std::string hmacToken(const json& header, const json& claims, const std::string& key) {
  const std::string input = base64url::encode(header.dump()) + "." + base64url::encode(claims.dump());
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(input.data()),
       input.size(), digest, &size);
  return input + "." + base64url::encode({reinterpret_cast<const char*>(digest), size});
}

inline std::string setOf(const std::vector<json>& keys) {
  return json{{"keys", keys}}.dump();
}

}  // namespace posthouse::test
