#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::dns {

/// The domain as DNS has it: internationalised labels as A-labels (IDNA 2008, RFC 5890), in lower case, without a final
/// dot. Nothing if it cannot be a domain.
std::optional<std::string> asciiName(std::string_view domain);

/// The name under which an address's PTR record is found (RFC 1035 §3.5, RFC 3596 §2.5); nothing if it is no address.
std::optional<std::string> reverseName(const std::string& address);

}  // namespace posthouse::dns
