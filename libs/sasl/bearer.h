#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/cursor.h"

/// What OAUTHBEARER and XOAUTH2 have in common.
namespace posthouse::sasl {

/// Ends a key with its value, and twice the message.
inline constexpr std::string_view kKvsep = "\x01";

/// credentials = "Bearer" 1*SP b64token (RFC 6750 §2.1): the token. Throws SyntaxError.
std::string bearerCredentials(Cursor& in);

/// A JSON object (RFC 8259) of strings that are UTF-8; those that are empty are left out.
std::string jsonObject(std::initializer_list<std::pair<std::string_view, std::string_view>> members);

}  // namespace posthouse::sasl
