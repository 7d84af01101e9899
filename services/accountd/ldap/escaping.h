#pragma once
#include <string>
#include <string_view>

namespace posthouse::accountd::ldap {

/// A value as it stands in a filter: what means something there, NUL, and octets above ASCII become "\xx" (RFC 4515
/// §3).
std::string escapeInFilter(std::string_view value);

/// A value as it stands in a distinguished name (RFC 4514 §2.4), whatever it holds and wherever in the value.
std::string escapeInName(std::string_view value);

}  // namespace posthouse::accountd::ldap
