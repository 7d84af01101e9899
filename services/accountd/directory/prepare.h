#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::accountd {

/// A user name as it is compared: half and full width made one, lower case, NFC (the UsernameCaseMapped profile, RFC
/// 8265 §3.3). Nothing if it is not UTF-8, or holds what the profile does not allow. Of ASCII alone everything is left,
/// for the local part of an address may hold more than a name may (RFC 5321 §4.1.2).
std::optional<std::string> prepareName(std::string_view name);

/// A password as it is hashed: spaces of any script become U+0020, NFC (the OpaqueString profile, RFC 8265 §4.2), so
/// that it is the same from every keyboard. Octets that are not UTF-8 stay as they are.
std::string preparePassword(std::string_view password);

/// Whether a password may be set: UTF-8 of characters that the OpaqueString profile allows. Control characters and
/// those that Unicode does not know yet are not: what they become depends on the keyboard, or on the next version.
bool isOpaqueString(std::string_view password);

}  // namespace posthouse::accountd
