#pragma once
#include <optional>
#include <string>

#include "kerberos/principals.h"
#include "logins/authenticator.h"

namespace posthouse::accountd {

/// What a client may be told that has proved to be a principal, by whose it is.
Outcome outcomeFor(const std::optional<PrincipalHolder>& holder);

/// A name fit to be logged and told; what is none is nobody's.
std::string printable(std::string principal);

}  // namespace posthouse::accountd
