#include "crypto/digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <charconv>
#include <stdexcept>

namespace posthouse::crypto {
namespace {

/// Fetched once: OpenSSL 3 looks an algorithm up by name at every implicit fetch, which costs more than a short digest.
const EVP_MD* algorithm() {
  static EVP_MD* const fetched = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (fetched == nullptr) throw std::runtime_error("OpenSSL has no SHA-256");
  return fetched;
}

void begin(EVP_MD_CTX* context) {
  if (EVP_DigestInit_ex(context, algorithm(), nullptr) != 1) throw std::runtime_error("SHA-256 could not be started");
}

}  // namespace

std::string hex(std::string_view octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string digits;
  digits.reserve(octets.size() * 2);
  for (const char octet : octets) {
    digits.push_back(kDigits[static_cast<unsigned char>(octet) >> 4]);
    digits.push_back(kDigits[static_cast<unsigned char>(octet) & 15]);
  }
  return digits;
}

std::optional<std::string> unhex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string octets;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    unsigned octet = 0;
    const char* end = digits.data() + i + 2;
    const auto [stopped, error] = std::from_chars(digits.data() + i, end, octet, 16);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    octets += static_cast<char>(octet);
  }
  return octets;
}

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (!context_) throw std::bad_alloc();
  begin(context_.get());
}

Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

Sha256& Sha256::update(std::string_view octets) {
  if (EVP_DigestUpdate(context_.get(), octets.data(), octets.size()) != 1) throw std::runtime_error("SHA-256 failed");
  return *this;
}

Digest Sha256::finish() {
  Digest digest;
  if (EVP_DigestFinal_ex(context_.get(), digest.octets.data(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  begin(context_.get());
  return digest;
}

Digest sha256(std::string_view octets) {
  Digest digest;
  if (EVP_Digest(octets.data(), octets.size(), digest.octets.data(), nullptr, algorithm(), nullptr) != 1)
    throw std::runtime_error("SHA-256 failed");
  return digest;
}

Digest hmacSha256(std::string_view key, std::string_view octets) {
  Digest digest;
  unsigned int length = 0;
  const auto* data = reinterpret_cast<const unsigned char*>(octets.data());
  if (HMAC(algorithm(), key.data(), static_cast<int>(key.size()), data, octets.size(), digest.octets.data(), &length) ==
      nullptr)
    throw std::runtime_error("HMAC-SHA-256 failed");
  return digest;
}

}  // namespace posthouse::crypto
