#pragma once
#include <string_view>

namespace posthouse::accountd {

/// Whether this is the name of a principal with its realm as Kerberos writes it (klist, gss_display_name), so that two
/// names are the same principal only if they are the same octets: "alice@EXAMPLE.ORG", "alice/admin@EXAMPLE.ORG". At
/// most 512 octets.
bool isPrincipalName(std::string_view text);

/// A realm of Kerberos's own, as that of anonymous tickets (RFC 6111): nobody's in particular.
bool isWellKnownRealm(std::string_view principal);

}  // namespace posthouse::accountd
