#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "login/authenticator.h"
#include "mail_store.h"
#include "pop3/command.h"

namespace posthouse::pop3d {

/// One session's view of an INBOX: the snapshot of the login, and what was marked since (RFC 1939 §5).
class Maildrop {
 public:
  Maildrop(login::Identity account, Snapshot snapshot);

  const login::Identity& account() const noexcept { return account_; }

  /// Messages in the snapshot, marked as deleted or not: message numbers run from 1 to here.
  std::uint32_t size() const noexcept { return static_cast<std::uint32_t>(snapshot_.messages.size()); }
  /// Is there, and is not marked as deleted.
  bool has(pop3::MessageNumber message) const noexcept;
  bool isDeleted(pop3::MessageNumber message) const noexcept;

  /// Of those not marked as deleted.
  std::uint32_t count() const noexcept { return size() - deletedCount_; }
  std::uint64_t octets() const noexcept { return octets_; }

  /// Of a message within size().
  store::Uid uid(pop3::MessageNumber message) const { return entry(message).uid; }
  std::uint32_t octets(pop3::MessageNumber message) const { return entry(message).size; }
  /// The same in every session, 1 to 70 characters from 0x21 to 0x7E (RFC 1939 §7, UIDL): what another server called
  /// the message before it came here, or UIDVALIDITY.UID.
  std::string uniqueId(pop3::MessageNumber message) const;

  void markDeleted(pop3::MessageNumber message);
  void unmarkDeleted();
  void markSeen(pop3::MessageNumber message) { seen_[index(message)] = true; }

  /// What QUIT does, nothing for an account that may read alone; without `removals`, what is left to do for a session
  /// that ended otherwise.
  enum class Removals { yes, no };
  Update update(Removals removals) const;

 private:
  static std::size_t index(pop3::MessageNumber message) noexcept { return static_cast<std::size_t>(message) - 1; }
  const store::MessageSize& entry(pop3::MessageNumber message) const { return snapshot_.messages.at(index(message)); }

  login::Identity account_;
  Snapshot snapshot_;
  std::vector<bool> deleted_;
  std::vector<bool> seen_;
  std::uint32_t deletedCount_ = 0;
  std::uint64_t octets_ = 0;
};

}  // namespace posthouse::pop3d
