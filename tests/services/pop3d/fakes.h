#pragma once
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "mail_store.h"

namespace posthouse::pop3d {

/// An INBOX in memory.
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

  Task<Snapshot> open(store::AccountId) override {
    refuseIfAway();
    Snapshot snapshot;
    snapshot.uidValidity = 1700000000;
    for (const auto& [uid, message] : messages_) {
      snapshot.messages.push_back({uid, static_cast<std::uint32_t>(message.size())});
    }
    co_return snapshot;
  }

  Task<std::vector<store::StoredMessage>> fetch(store::AccountId, store::UidSet uids) override {
    refuseIfAway();
    ++reads;
    std::vector<store::StoredMessage> found;
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

  Task<> update(store::AccountId, Update update) override {
    refuseIfAway();
    for (const store::Uid uid : update.removed) messages_.erase(uid);
    for (const store::Uid uid : update.seen) seen.push_back(static_cast<std::uint32_t>(uid));
    co_return;
  }

  bool away = false;
  store::Uid vanishAtRead{};           // as if somebody else had removed it since the login
  std::uint64_t awayFromPiece = 1000;  // no piece of a large message can be read from this on
  unsigned reads = 0;                  // questions to the store
  unsigned fetched = 0;                // messages that were answers
  std::vector<std::uint32_t> seen;

 private:
  void refuseIfAway() const {
    if (away) throw std::runtime_error("the database does not answer");
  }

  static constexpr std::uint64_t kPiece = 256 * 1024;

  std::map<store::Uid, std::string> messages_;
  std::map<store::BlobId, std::string> large_;
  std::uint32_t next_ = 1;
};

}  // namespace posthouse::pop3d
