#pragma once
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "mail_store.h"

namespace posthouse::pop3d {

/// The maildrop of one account, in memory.
class MemoryStore final : public MailStore {
 public:
  explicit MemoryStore(std::vector<std::string> messages = {}) {
    for (std::string& message : messages) add(std::move(message));
  }

  void add(std::string message) { messages_[store::Uid{next_++}] = std::move(message); }
  void remove(std::uint32_t uid) { messages_.erase(store::Uid{uid}); }
  std::size_t size() const { return messages_.size(); }
  /// The UIDs of those that are there, ascending.
  std::vector<std::uint32_t> uids() const {
    std::vector<std::uint32_t> all;
    for (const auto& [uid, message] : messages_) all.push_back(static_cast<std::uint32_t>(uid));
    return all;
  }

  Task<Opened> open(const store::MaildropHolder& holder, const std::string& mailbox) override {
    ++opens;
    refuseIfAway();
    if (opens > leavesAfterOpens) takenBy.clear();
    if (!takenBy.empty() && takenBy != holder.id)
      co_return std::unexpected(store::MaildropRefusal{.reason = store::MaildropRefusal::Reason::inUse,
                                                       .since = std::chrono::sys_days(std::chrono::days(20'000)),
                                                       .session = "s1",
                                                       .instance = "elsewhere"});
    if (left.count() > 0)
      co_return std::unexpected(
          store::MaildropRefusal{.reason = store::MaildropRefusal::Reason::tooSoon, .left = left});
    Opened opened = co_await openToRead(holder.account, mailbox);
    if (opened) takenBy = holder.id;
    if (losesOpened > 0 && losesOpened-- > 0) throw std::runtime_error("the database does not answer");
    co_return opened;
  }

  Task<Opened> openToRead(store::AccountId, const std::string& mailbox) override {
    refuseIfAway();
    if (mailbox != name)
      co_return std::unexpected(store::MaildropRefusal{.reason = store::MaildropRefusal::Reason::noSuchMailbox});
    Snapshot snapshot;
    snapshot.uidValidity = 1700000000;
    for (const auto& [uid, message] : messages_) {
      snapshot.messages.push_back({uid, static_cast<std::uint32_t>(message.size())});
    }
    co_return snapshot;
  }

  Task<std::vector<StoredMessage>> fetch(MaildropId, store::UidSet uids) override {
    refuseIfAway();
    ++reads;
    std::vector<StoredMessage> found;
    for (const auto& [uid, message] : messages_) {
      if (!uids.contains(uid) || uid == vanishAtRead) continue;
      ++fetched;
      if (message.size() <= kPiece) {
        found.push_back({.uid = uid, .octets = message, .rest = {}});
      } else {
        const auto blob = store::BlobId::of(message);
        large_.emplace(blob, message);
        found.push_back({.uid = uid, .octets = {}, .rest = store::BlobPieces{blob, message.size(), {}, kPiece}});
      }
    }
    co_return found;
  }

  Task<std::string> readPiece(store::BlobPieces pieces, std::uint64_t number) override {
    refuseIfAway();
    ++reads;
    if (number >= awayFromPiece) throw std::runtime_error("the database does not answer");
    co_return large_.at(pieces.blob).substr(number * kPiece, kPiece);
  }

  Task<std::optional<Updated>> update(const store::MaildropHolder& holder, store::MailboxId, Update update) override {
    refuseIfAway();
    if (update.deletes() && takenBy != holder.id) co_return std::nullopt;
    Updated updated;
    for (const store::Uid uid : update.removed) updated.removed += messages_.erase(uid);
    for (const store::Uid uid : update.expired) updated.expired += messages_.erase(uid);
    for (const store::Uid uid : update.seen) seen.push_back(static_cast<std::uint32_t>(uid));
    retrieved.add(update.retrieved);
    expireAfter = update.expireAfter;
    letGo(holder);
    co_return updated;
  }

  Task<> release(std::vector<store::MaildropHolder> holders) override {
    refuseIfAway();
    for (const store::MaildropHolder& holder : holders)
      if (holder.id == locked) throw std::runtime_error("the row is locked");
    for (const store::MaildropHolder& holder : holders) letGo(holder);
    released.push_back(std::move(holders));
    co_return;
  }

  Task<> releaseOfDead() override {
    refuseIfAway();
    ++looksForDead;
    co_return;
  }

  Task<> renew(std::vector<store::MaildropHolder> holders) override {
    refuseIfAway();
    renewed.push_back(std::move(holders));
    if (duringRenewal) duringRenewal();
    co_return;
  }

  std::string name = "INBOX";
  std::string takenBy;  // who has the maildrop; empty: nobody
  unsigned opens = 0;
  unsigned losesOpened = 0;  // so many times it is not told what was opened
  unsigned releases = 0;
  std::function<void()> duringRenewal;
  unsigned looksForDead = 0;
  unsigned leavesAfterOpens = 1000;  // so many tries find who has it
  std::chrono::milliseconds left{};  // of the login delay
  store::UidSet retrieved;
  std::optional<std::chrono::days> expireAfter;
  std::vector<std::vector<store::MaildropHolder>> renewed;
  std::vector<std::vector<store::MaildropHolder>> released;  // but for those by updates
  std::string locked;                                        // who cannot let go
  bool away = false;
  store::Uid vanishAtRead{};           // as if somebody else had removed it since the login
  std::uint64_t awayFromPiece = 1000;  // no piece of a large message can be read from this on
  unsigned reads = 0;                  // questions to the store
  unsigned fetched = 0;                // messages that were answers
  std::vector<std::uint32_t> seen;

 private:
  void letGo(const store::MaildropHolder& holder) {
    ++releases;
    if (takenBy == holder.id) takenBy.clear();
  }

  void refuseIfAway() const {
    if (away) throw std::runtime_error("the database does not answer");
  }

  static constexpr std::uint64_t kPiece = 256 * 1024;

  std::map<store::Uid, std::string> messages_;
  std::map<store::BlobId, std::string> large_;
  std::uint32_t next_ = 1;
};

}  // namespace posthouse::pop3d
