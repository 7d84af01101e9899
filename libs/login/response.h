#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/base64.h"

namespace posthouse::login {

/// A client's response to a challenge, or its initial one, as it is on a line: base 64, or "=" for an empty one. That
/// is the initial response's (RFC 4954 §4), but curl says so to challenges, too. Nothing if it is neither.
inline std::optional<std::string> readResponse(std::string_view line) {
  return base64::decode(line == "=" ? std::string_view() : line);
}

}  // namespace posthouse::login
