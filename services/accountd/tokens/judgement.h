#pragma once
#include <chrono>
#include <expected>

#include "directory/address.h"
#include "tokens/claims.h"
#include "tokens/issuer_config.h"
#include "tokens/refusal.h"

namespace posthouse::accountd {

/// Whose account a token is for whose claims are known to be its issuer's: RFC 7519 §4.1, RFC 9068 §4. An account claim
/// without an "@" is a local part of the domain that the issuer speaks for, if that is only one.
std::expected<Address, TokenRefusal> judge(const Claims& claims, const IssuerConfig& issuer,
                                           std::chrono::system_clock::time_point now);

}  // namespace posthouse::accountd
