#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Secrets that accountd makes and a person types: app passwords, and recovery codes.
namespace posthouse::accountd {

/// Characters, of 5 random bits each.
inline constexpr std::size_t kAppPasswordSize = 20;
inline constexpr std::size_t kRecoveryCodeSize = 16;

/// Digits and small letters without i, l, o and u, each as likely as the other: nothing to be mistaken for another.
std::string makeTypedSecret(std::size_t size);

/// "7ksd-q0fm-x2hv-9ae4-tbn8": as it is shown.
std::string inGroups(std::string_view secret);

/// What somebody typed as it was made: without hyphens and spaces, in small letters, and what was read wrongly put
/// right (Crockford's base 32: o is 0, i and l are 1). Nothing if it cannot be a secret of this size.
std::optional<std::string> readTypedSecret(std::string_view typed, std::size_t size);

/// SHA-256, salted with what it is for and the account, as octets. argon2id is for secrets that can be guessed, each of
/// whose guesses it makes dear. Nobody guesses 80 random bits, whatever a guess costs, so that a login need not wait.
std::string digestOf(std::string_view purpose, std::int64_t account, std::string_view secret);

inline constexpr std::string_view kAppPassword = "app password";  // purposes
inline constexpr std::string_view kRecoveryCode = "recovery code";

}  // namespace posthouse::accountd
