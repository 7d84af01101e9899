#pragma once
#include <chrono>
#include <string>
#include <string_view>

#include "client.h"
#include "transaction.h"

namespace posthouse::smtpd {

/// date-time of RFC 5322 §3.3, in UTC.
std::string dateTime(std::chrono::system_clock::time_point at);

/// The Received field (RFC 5321 §4.4) that says how a mail came to us, with its CRLF.
std::string receivedField(const Client& client, const Transaction& transaction, std::string_view hostname,
                          std::chrono::system_clock::time_point at);

}  // namespace posthouse::smtpd
