#pragma once
#include <chrono>
#include <string>
#include <string_view>

namespace posthouse::sasl {

/// What CRAM-MD5 challenges with (RFC 2195 §2) and a POP3 greeting holds for APOP (RFC 1939 §7): "<random.clock@host>",
/// an RFC 822 msg-id that never comes again. `random` is of letters, digits, "-" and "_": crypto::randomToken().
std::string timestamp(std::string_view random, std::chrono::system_clock::time_point now, std::string_view host);

}  // namespace posthouse::sasl
