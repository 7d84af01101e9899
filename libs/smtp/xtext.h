#pragma once
#include <optional>
#include <string>
#include <string_view>

/// xtext: octets in the value of an ESMTP parameter (RFC 3461 §4).
namespace posthouse::smtp::xtext {

std::string encode(std::string_view octets);

/// The octets, or nothing if `text` is not xtext.
std::optional<std::string> decode(std::string_view text);

}  // namespace posthouse::smtp::xtext
