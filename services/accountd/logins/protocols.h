#pragma once
#include <array>
#include <string_view>

/// What clients log in by, as programs call it (Connection::protocol).
namespace posthouse::accountd {

/// Web logins.
inline constexpr std::string_view kWeb = "http";

/// Mail programs.
inline constexpr std::array<std::string_view, 4> kMailProtocols{"imap", "pop3", "submission", "managesieve"};

}  // namespace posthouse::accountd
