#pragma once
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

#include "sasl/malformed.h"

namespace posthouse::sasl {

inline constexpr std::size_t kMaxExternal = 1024;  // octets

/// EXTERNAL's one message (RFC 4422 appendix A.1): whom the client wants to act as, empty for whom its certificate
/// names. A client that sends none with the command is challenged with nothing first.
std::expected<std::string, Malformed> parseExternal(std::string_view response);

}  // namespace posthouse::sasl
