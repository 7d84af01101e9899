#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::accountd {

/// A user name as it is compared: lower case, NFC (the UsernameCaseMapped profile, RFC 8265 §3.3, without its
/// repertoire). Nothing if it is not UTF-8.
std::optional<std::string> prepareName(std::string_view name);

/// A password as it is hashed: spaces of any script become U+0020, NFC (the OpaqueString profile, RFC 8265 §4.2), so
/// that it is the same from every keyboard. Octets that are not UTF-8 stay as they are.
std::string preparePassword(std::string_view password);

}  // namespace posthouse::accountd
