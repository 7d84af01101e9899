#pragma once
#include <chrono>
#include <string_view>
#include <vector>

#include "client.h"
#include "filter.h"
#include "letter.h"
#include "transaction.h"

namespace posthouse::smtpd {

/// The message as it goes on: our Received field and the filter's fields on top, those that pretend to be the filter's
/// gone. A submitted message also gets the Date and the Message-ID that it lacks (RFC 6409 §8). Refers to `content`.
Letter compose(const Client& client, const Transaction& transaction, const Verdict& verdict, std::string_view hostname,
               std::chrono::system_clock::time_point now, std::string_view content);

}  // namespace posthouse::smtpd
