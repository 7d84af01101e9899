#include "crypto/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace posthouse::crypto {
namespace {

const char* nameOf(Hash hash) noexcept {
  switch (hash) {
    case Hash::md5:
      return "MD5";
    case Hash::sha1:
      return "SHA1";
    case Hash::sha256:
      return "SHA256";
    case Hash::sha512:
      break;
  }
  return "SHA512";
}

/// Null if OpenSSL has none.
EVP_MD* fetch(Hash hash) noexcept {
  return EVP_MD_fetch(nullptr, nameOf(hash), nullptr);
}

/// Fetched once, as in digest.cpp. That one is missing is for who asks for it to say.
const EVP_MD* fetchedOnce(Hash hash) {
  static const std::array<EVP_MD*, 4> fetched{fetch(Hash::md5), fetch(Hash::sha1), fetch(Hash::sha256),
                                              fetch(Hash::sha512)};
  return fetched.at(static_cast<std::size_t>(hash));
}

const EVP_MD* algorithm(Hash hash) {
  const EVP_MD* const fetched = fetchedOnce(hash);
  if (fetched == nullptr) throw std::runtime_error(std::string("OpenSSL has no ") + nameOf(hash));
  return fetched;
}

EVP_KDF* pbkdf2Function() {
  static EVP_KDF* const fetched = EVP_KDF_fetch(nullptr, "PBKDF2", nullptr);
  if (fetched == nullptr) throw std::runtime_error("OpenSSL has no PBKDF2");
  return fetched;
}

unsigned char* octetsOf(std::string& text) noexcept {
  return reinterpret_cast<unsigned char*>(text.data());
}

/// OpenSSL's parameters are not const, and are only read.
OSSL_PARAM octetString(const char* key, std::string_view octets) noexcept {
  return OSSL_PARAM_construct_octet_string(key, const_cast<char*>(octets.data()), octets.size());
}

}  // namespace

bool isAvailable(Hash hash) {
  return fetchedOnce(hash) != nullptr;
}

std::string digest(Hash hash, std::string_view octets) {
  std::string result(digestSize(hash), '\0');
  if (EVP_Digest(octets.data(), octets.size(), octetsOf(result), nullptr, algorithm(hash), nullptr) != 1)
    throw std::runtime_error("a digest failed");
  return result;
}

std::string hmac(Hash hash, std::string_view key, std::string_view octets) {
  std::string result(digestSize(hash), '\0');
  const auto* data = reinterpret_cast<const unsigned char*>(octets.data());
  // A key without octets must not be null: that means "the key of the call before".
  if (HMAC(algorithm(hash), key.empty() ? "" : key.data(), static_cast<int>(key.size()), data, octets.size(),
           octetsOf(result), nullptr) == nullptr)
    throw std::runtime_error("an HMAC failed");
  return result;
}

std::string pbkdf2(Hash hash, std::string_view password, std::string_view salt, std::uint32_t iterations,
                   std::size_t length) {
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(pbkdf2Function()),
                                                                          &EVP_KDF_CTX_free);
  if (!context) throw std::bad_alloc();
  std::string digestName = nameOf(hash);
  int anyLength = 1;  // without the least lengths of NIST SP 800-132: the RFCs' examples are below them
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digestName.data(), 0),
      octetString(OSSL_KDF_PARAM_PASSWORD, password.empty() ? "" : password),
      octetString(OSSL_KDF_PARAM_SALT, salt.empty() ? "" : salt),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &iterations),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_PKCS5, &anyLength),
      OSSL_PARAM_construct_end(),
  };
  std::string result(length, '\0');
  if (EVP_KDF_derive(context.get(), octetsOf(result), result.size(), parameters) != 1)
    throw std::runtime_error("PBKDF2 failed");
  return result;
}

}  // namespace posthouse::crypto
