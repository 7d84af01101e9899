#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace posthouse::accountd {

/// An object of JSON (RFC 8259) that says one thing to every reader: in UTF-8, no member twice (RFC 7515 §4, RFC 7519
/// §4), at most 16 deep. Throws SyntaxError, in words that quote nothing of it.
nlohmann::json parseJsonObject(std::string_view text);

}  // namespace posthouse::accountd
