#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "login/authenticator.h"
#include "mail_store.h"
#include "pop3/command.h"

namespace posthouse::pop3d {

/// One session's view of a maildrop: the snapshot of the login, and what was marked since (RFC 1939 §5).
class Maildrop {
 public:
  Maildrop(login::Identity account, Snapshot snapshot);

  const login::Identity& account() const noexcept { return account_; }
  MaildropId id() const noexcept { return {account_.account, snapshot_.mailbox}; }

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
  void markRetrieved(pop3::MessageNumber message) { retrieved_[index(message)] = true; }

  /// What QUIT does, nothing for an account that may read alone. `expire`: after how many days what POP3 has fetched
  /// goes; 0: at once.
  Update atQuit(std::optional<std::chrono::days> expire) const;
  /// The same for a client that may not have got all that it has retrieved: nothing expires, and nothing counts as
  /// fetched.
  Update atQuitUnreceived() const;
  /// What is left to do for a session that ended otherwise: it deletes nothing, but what was read is seen.
  Update atLoss() const;

 private:
  static std::size_t index(pop3::MessageNumber message) noexcept { return static_cast<std::size_t>(message) - 1; }
  const store::MessageSize& entry(pop3::MessageNumber message) const { return snapshot_.messages.at(index(message)); }

  login::Identity account_;
  Snapshot snapshot_;
  std::vector<bool> deleted_;
  std::vector<bool> retrieved_;
  std::uint32_t deletedCount_ = 0;
  std::uint64_t octets_ = 0;
};

}  // namespace posthouse::pop3d
