#pragma once
#include <chrono>
#include <expected>
#include <optional>
#include <string>

#include "directory/address.h"
#include "tokens/claims.h"
#include "tokens/issuer_config.h"
#include "tokens/refusal.h"

namespace posthouse::accountd {

/// The account that a claim names; nothing if that is no address. Without an "@" it is a local part of the domain that
/// the issuer speaks for, if that is only one.
std::optional<Address> addressOf(const std::string& account, const IssuerConfig& issuer);

/// Whose account a token is for whose claims are known to be its issuer's: RFC 7519 §4.1, RFC 9068 §4.
std::expected<Address, TokenRefusal> judge(const Claims& claims, const IssuerConfig& issuer,
                                           std::chrono::system_clock::time_point now);

}  // namespace posthouse::accountd
