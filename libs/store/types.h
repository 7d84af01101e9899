#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace posthouse::store {

enum class AccountId : std::int64_t {};
/// Unique within its account.
enum class MailboxId : std::int32_t {};
/// IMAP's unique identifier of a message in a mailbox (RFC 9051 §2.3.1.1).
enum class Uid : std::uint32_t {};
/// A mod-sequence (RFC 7162). One counter an account: also the state of the account.
enum class ModSeq : std::int64_t {};
/// The message itself within its account, whichever mailboxes it is in (RFC 8474 EMAILID).
enum class EmailId : std::int64_t {};

/// INBOX has this id in every account, whatever happens to the other mailboxes.
inline constexpr MailboxId kInbox{1};

/// SHA-256 of the stored octets: the name of a body.
struct BlobId {
  std::array<char, 32> digest{};

  static BlobId of(std::string_view octets);
  /// From the 32 octets of a bytea.
  static BlobId from(std::string_view digest);
  std::string_view view() const noexcept { return {digest.data(), digest.size()}; }
  auto operator<=>(const BlobId&) const = default;
};

/// Why a write to a mailbox was refused.
enum class Refusal {
  overQuota,
  noSuchMailbox,
};

}  // namespace posthouse::store
