#pragma once
#include <string>
#include <string_view>

namespace posthouse::lmtp_delivery {

/// What final delivery puts above a message: Return-Path (RFC 5321 §4.4) and Delivered-To (RFC 9228), for one
/// recipient. What is not fit for a header field, as a line break in an address, is left out.
std::string prefix(std::string_view reversePath, std::string_view account);

}  // namespace posthouse::lmtp_delivery
