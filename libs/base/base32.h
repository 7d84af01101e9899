#pragma once
#include <string>
#include <string_view>

namespace posthouse::base32 {

/// Base 32 in capitals, without padding (RFC 4648 §6, §3.2), as otpauth URIs hold a key.
std::string encode(std::string_view octets);

}  // namespace posthouse::base32
