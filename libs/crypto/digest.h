#pragma once
#include <array>
#include <compare>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace posthouse::crypto {

/// Octets as lower-case hexadecimal digits.
std::string hex(std::string_view octets);

/// The octets that an even number of hexadecimal digits spells, or nothing.
std::optional<std::string> unhex(std::string_view digits);

/// The 32 octets of a SHA-256 or an HMAC-SHA-256.
struct Digest {
  std::array<unsigned char, 32> octets{};

  /// The octets themselves, as long as the digest lives.
  std::string_view view() const noexcept { return {reinterpret_cast<const char*>(octets.data()), octets.size()}; }
  std::string hex() const { return crypto::hex(view()); }

  auto operator<=>(const Digest&) const = default;
};

/// SHA-256 (FIPS 180-4) of octets that arrive piece by piece.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  Sha256& update(std::string_view octets);

  /// The digest of everything so far; starts again from nothing.
  Digest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

Digest sha256(std::string_view octets);

/// HMAC-SHA-256 (RFC 2104, RFC 4231).
Digest hmacSha256(std::string_view key, std::string_view octets);

}  // namespace posthouse::crypto
