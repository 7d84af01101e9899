#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::message {

/// A domain of an address with its U-labels as A-labels (IDNA 2008, RFC 5891 §4); what is ASCII stays as it is. Nothing
/// if it has letters that no domain may have.
std::optional<std::string> asciiDomain(std::string_view domain);

}  // namespace posthouse::message
