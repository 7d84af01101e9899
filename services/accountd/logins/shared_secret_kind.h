#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::accountd {

/// What is kept of an account as it is, because a mechanism computes with it: for APOP (RFC 1939 §7) and CRAM-MD5 (RFC
/// 2195), each its own.
enum class SharedSecretKind { apop, cramMd5 };

/// As in the database and in the audit.
constexpr std::string_view toText(SharedSecretKind kind) noexcept {
  return kind == SharedSecretKind::apop ? "apop" : "cram-md5";
}
constexpr std::optional<SharedSecretKind> sharedSecretKind(std::string_view text) noexcept {
  if (text == toText(SharedSecretKind::apop)) return SharedSecretKind::apop;
  if (text == toText(SharedSecretKind::cramMd5)) return SharedSecretKind::cramMd5;
  return std::nullopt;
}

/// Where a secret is sealed for, and nowhere else to be opened.
inline std::string sealingContext(SharedSecretKind kind, std::int64_t account) {
  return "shared secret " + std::string(toText(kind)) + " of account " + std::to_string(account);
}

}  // namespace posthouse::accountd
