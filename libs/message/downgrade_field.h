#pragma once
#include <string>
#include <string_view>

namespace posthouse::message {

/// A header field that is not ASCII, whole and with its line ends, as ASCII (RFC 6857 §3.2).
std::string downgradeField(std::string_view whole);

/// The same for a field of a delivery status (RFC 6857 §4.2).
std::string downgradeStatusField(std::string_view whole);

}  // namespace posthouse::message
