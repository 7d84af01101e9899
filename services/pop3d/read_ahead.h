#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "async/started.h"
#include "async/task.h"
#include "async/task_group.h"
#include "mail_store.h"
#include "maildrop.h"

namespace posthouse::pop3d {

/// What all sessions share that read ahead: the tasks that do it, and the memory that they may fill. Await
/// tasks.drained() before what they read from goes.
class ReadAheadPool {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Clock = std::function<Time()>;

  explicit ReadAheadPool(std::size_t octets, Clock clock = std::chrono::steady_clock::now)
      : now(std::move(clock)), left_(octets) {}

  const Clock now;
  TaskGroup tasks;

  /// A part of the memory, while it lives.
  class Share {
   public:
    Share(Share&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), octets_(other.octets_) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(pool_, other.pool_);
      std::swap(octets_, other.octets_);
      return *this;
    }
    ~Share() {
      if (pool_ != nullptr) pool_->left_ += octets_;
    }

   private:
    friend class ReadAheadPool;
    Share(ReadAheadPool& pool, std::size_t octets) noexcept : pool_(&pool), octets_(octets) { pool.left_ -= octets; }

    ReadAheadPool* pool_;
    std::size_t octets_;
  };

  /// Nothing if others have taken too much.
  std::optional<Share> share(std::size_t octets) noexcept {
    if (octets > left_) return std::nullopt;
    return Share(*this, octets);
  }

 private:
  std::size_t left_;
};

/// The messages of one session's maildrop, read some at a time: most clients ask for one after the other. The more they
/// have asked for in order, the more is read for them while they take in what they have. A message that somebody else
/// removes is served for a second longer, and who takes more than that for each has none read ahead.
class ReadAhead {
 public:
  /// Both outlive it.
  ReadAhead(MailStore& store, ReadAheadPool& pool) noexcept : store_(store), pool_(pool) {}

  /// One of maildrop.has(). Nothing if somebody removed it since the login.
  Task<std::optional<StoredMessage>> take(const Maildrop& maildrop, pop3::MessageNumber message);

  /// Whether it holds messages that nobody asked for; for a client that does not go on, letGo() frees their memory.
  bool holdsAny() const noexcept { return current_ || next_; }
  void letGo() noexcept;

 private:
  using Time = ReadAheadPool::Time;
  struct Fetched {
    std::vector<StoredMessage> messages;  // ascending; without octets once they are taken
    Time at;
  };
  struct Batch {
    std::uint32_t first = 0;  // message numbers
    std::uint32_t last = 0;
    std::uint32_t taken = 0;  // messages
    store::UidSet uids;       // not of those that were marked as deleted when it was asked for
    std::optional<ReadAheadPool::Share> share;
    std::optional<Started<Fetched>> coming;
    Fetched fetched;

    bool covers(store::Uid uid) const noexcept { return uids.contains(uid); }
  };

  static Task<Fetched> fetch(MailStore& store, ReadAheadPool& pool, MaildropId maildrop, store::UidSet uids);
  std::optional<Batch> start(const Maildrop& maildrop, std::uint32_t first, std::uint32_t most, bool isAskedFor);
  std::uint32_t widened() noexcept;
  Task<> provide(const Maildrop& maildrop, std::uint32_t number, bool isInOrder);
  static std::optional<StoredMessage> takeFrom(Fetched& fetched, store::Uid uid);

  MailStore& store_;
  ReadAheadPool& pool_;
  std::optional<Batch> current_;
  std::optional<Batch> next_;
  std::uint32_t taken_ = 0;  // the last that was asked for
  Time takenAt_;
  std::uint32_t window_ = 1;  // messages read at once
};

}  // namespace posthouse::pop3d
