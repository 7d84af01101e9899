#pragma once
#include <array>
#include <string_view>

namespace posthouse::accountd {

/// A protocol that clients log in by (logins/conversation.h), and the service that their tickets are for: the name that
/// the protocol's profile of SASL registers with GSSAPI.
struct KerberosService {
  std::string_view protocol;
  std::string_view name;
};

inline constexpr std::array<KerberosService, 5> kKerberosServices{{
    {"imap", "imap"},          // RFC 9051 §6.2.2
    {"pop3", "pop"},           // RFC 5034 §4
    {"submission", "smtp"},    // RFC 4954 §4
    {"managesieve", "sieve"},  // RFC 5804 §2.1
    {"http", "HTTP"},          // RFC 4559 §4.1
}};

}  // namespace posthouse::accountd
