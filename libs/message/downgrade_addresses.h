#pragma once
#include <optional>
#include <string>
#include <string_view>

/// Values of header fields that hold addresses, unfolded, as ASCII (RFC 6857 §3). An address whose local part is not
/// ASCII has no such form: it becomes the name of an empty group.
namespace posthouse::message {

/// From, To and their like: Mailbox, Group and Domain downgrading (RFC 6857 §3.1.6 to §3.1.8). Empty if there is none.
std::string downgradeAddresses(std::string_view value);

/// Received (RFC 6857 §3.2.4).
std::string downgradeReceived(std::string_view value);

/// Type-Addr downgrading (RFC 6857 §3.1.9): utf-8-addr-xtext (RFC 6533 §3). Nothing if it is no address of that type.
std::optional<std::string> downgradeTypedAddress(std::string_view value);

}  // namespace posthouse::message
