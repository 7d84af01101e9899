#pragma once
#include <string>
#include <string_view>

/// MD5 (RFC 1321), for the two protocols that are made of it and nothing else: APOP and CRAM-MD5. It is broken where
/// collisions matter.
namespace posthouse::crypto {

/// The 16 octets of the digest.
std::string md5(std::string_view octets);

/// HMAC-MD5 (RFC 2104), the "keyed MD5" of RFC 2195: 16 octets.
std::string hmacMd5(std::string_view key, std::string_view octets);

}  // namespace posthouse::crypto
