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

  Task<Snapshot> open(store::AccountId) override {
    refuseIfAway();
    Snapshot snapshot;
    snapshot.uidValidity = 1700000000;
    for (const auto& [uid, message] : messages_) {
      snapshot.messages.push_back({uid, static_cast<std::uint32_t>(message.size())});
    }
    co_return snapshot;
  }

  Task<std::optional<std::string>> read(store::AccountId, store::Uid uid, std::uint64_t offset,
                                        std::uint64_t length) override {
    refuseIfAway();
    ++reads;
    if (uid == vanishAtRead) co_return std::nullopt;
    if (uid == vanishAfterFirstRead && offset > 0) co_return std::nullopt;
    const auto found = messages_.find(uid);
    if (found == messages_.end()) co_return std::nullopt;
    co_return found->second.substr(std::min<std::uint64_t>(offset, found->second.size()), length);
  }

  Task<> update(store::AccountId, Update update) override {
    refuseIfAway();
    for (const store::Uid uid : update.removed) messages_.erase(uid);
    for (const store::Uid uid : update.seen) seen.push_back(static_cast<std::uint32_t>(uid));
    co_return;
  }

  bool away = false;
  store::Uid vanishAtRead{};          // as if somebody else had removed it since the login
  store::Uid vanishAfterFirstRead{};  // the same, in the middle of a message
  unsigned reads = 0;
  std::vector<std::uint32_t> seen;

 private:
  void refuseIfAway() const {
    if (away) throw std::runtime_error("the database does not answer");
  }

  std::map<store::Uid, std::string> messages_;
  std::uint32_t next_ = 1;
};

}  // namespace posthouse::pop3d
