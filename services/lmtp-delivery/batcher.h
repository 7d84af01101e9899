#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <vector>

#include "async/completion.h"
#include "async/task_group.h"
#include "db/database.h"
#include "mailroom.h"
#include "metrics.h"
#include "observe/log.h"
#include "store/content.h"
#include "store/delivery_repository.h"

namespace posthouse::lmtp_delivery {

/// The client has gone that brought a message.
struct Abandoned : std::runtime_error {
  Abandoned() : std::runtime_error("its client has gone and will send it again") {}
};

/// Stores messages of one piece, those together in one transaction that came while the one before was committed:
/// nobody waits for company, and the busier it is, the less each costs. An account is in one transaction at a time, so
/// that they do not wait for each other, and who is busy elsewhere is left out and waits alone (ARCHITECTURE.md, rule
/// 4). Lives on the loop's thread.
class Batcher {
 public:
  struct Options {
    unsigned writers = 2;  // transactions at a time
    std::size_t mostDeliveries = 100;
    std::size_t mostOctets = 1024 * 1024;  // of contents; one that is larger goes alone
  };
  using Answer = std::optional<store::Delivered>;  // nothing: it cannot be stored now, which was logged

  /// Batches go over `writers`, which is to have a connection for each of them; who waits for a busy account waits on a
  /// connection of `others`.
  Batcher(db::Database& writers, db::Database& others, Options options, Metrics& metrics, const observe::Log& log)
      : writers_(writers), others_(others), options_(options), metrics_(metrics), log_(log) {}
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  /// Stores `content`, which is not chunked, for each account; an answer for each delivery, in order. Throws nothing
  /// that concerns the store. Once `gone` is set, nothing is begun any more.
  Task<std::vector<Answer>> store(const store::Content& content, std::span<const store::Delivery> deliveries,
                                  const ClientGone& gone);

  /// Before the end: every store() must have returned.
  Task<> drained() { return tasks_.drained(); }

 private:
  using Clock = std::chrono::steady_clock;
  struct Message;
  struct Item {
    Message* message;
    store::Parcel parcel;
    Answer answer = {};
    store::AccountId account() const { return parcel.delivery->account; }
  };
  using Batch = std::vector<Item*>;

  Batch take();
  void startWriters();
  Task<> write(Batch batch);
  Task<> commit(const Batch& batch);
  Task<> commitAlone(Batch ofOneAccount);
  static std::vector<store::Parcel> parcelsOf(const Batch& batch);
  static void refuseAbandoned(const Batch& batch);
  static Batch setBusyApart(Batch& batch);
  void release(const Batch& batch);
  static void answer(const Batch& batch);
  void fail(const std::exception& error);

  db::Database& writers_;
  db::Database& others_;
  const Options options_;
  Metrics& metrics_;
  const observe::Log& log_;
  std::list<Item*> waiting_;
  std::set<store::AccountId> accounts_;  // of transactions under way
  unsigned writing_ = 0;
  TaskGroup tasks_;
};

}  // namespace posthouse::lmtp_delivery
