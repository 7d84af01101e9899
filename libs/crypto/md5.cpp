#include "crypto/md5.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstddef>
#include <stdexcept>

namespace posthouse::crypto {
namespace {

constexpr std::size_t kSize = 16;

const EVP_MD* algorithm() {
  static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "MD5", nullptr);
  if (fetched == nullptr) throw std::runtime_error("OpenSSL has no MD5");
  return fetched;
}

}  // namespace

std::string md5(std::string_view octets) {
  std::string result(kSize, '\0');
  auto* out = reinterpret_cast<unsigned char*>(result.data());
  if (EVP_Digest(octets.data(), octets.size(), out, nullptr, algorithm(), nullptr) != 1)
    throw std::runtime_error("MD5 failed");
  return result;
}

std::string hmacMd5(std::string_view key, std::string_view octets) {
  std::string result(kSize, '\0');
  auto* out = reinterpret_cast<unsigned char*>(result.data());
  const auto* data = reinterpret_cast<const unsigned char*>(octets.data());
  // A key without octets must not be null: that means "the key of the call before".
  if (HMAC(algorithm(), key.empty() ? "" : key.data(), static_cast<int>(key.size()), data, octets.size(), out,
           nullptr) == nullptr)
    throw std::runtime_error("HMAC-MD5 failed");
  return result;
}

}  // namespace posthouse::crypto
