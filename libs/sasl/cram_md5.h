#pragma once
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "sasl/malformed.h"

namespace posthouse::sasl {

/// What a client of CRAM-MD5 answers to a timestamp (sasl/timestamp.h): its name and an HMAC (RFC 2195 §2). The secret
/// itself must be at hand to verify it.
struct CramMd5Response {
  static constexpr std::size_t kMaxSize = 1024;  // octets

  std::string name;    // UTF-8, may hold spaces; not empty, and not prepared
  std::string digest;  // 32 lower-case hexadecimal digits
  bool operator==(const CramMd5Response&) const = default;
};

std::expected<CramMd5Response, Malformed> parseCramMd5(std::string_view response);

/// True if whoever made the digest of this challenge knows the secret; an empty secret is nobody's. Takes the same time
/// whatever is wrong: for a name that does not exist, ask with a random secret.
bool verifyCramMd5(std::string_view challenge, const CramMd5Response& response, std::string_view secret);

}  // namespace posthouse::sasl
