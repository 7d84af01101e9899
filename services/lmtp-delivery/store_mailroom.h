#pragma once
#include "async/task_group.h"
#include "batcher.h"
#include "db/database.h"
#include "events/publisher.h"
#include "mailroom.h"
#include "metrics.h"
#include "observe/log.h"
#include "store/content.h"
#include "store/delivery_repository.h"

namespace posthouse::lmtp_delivery {

/// Stores messages in PostgreSQL: the body once for all recipients in one transaction, and tells of it after the
/// commit.
class StoreMailroom final : public Mailroom {
 public:
  /// Small messages go by `batcher`, large ones by `database`.
  StoreMailroom(Batcher& batcher, db::Database& database, events::Publisher& publisher, Metrics& metrics,
                const observe::Log& log)
      : batcher_(batcher), database_(database), publisher_(publisher), metrics_(metrics), log_(log) {}

  Task<std::vector<Verdict>> deliver(std::string_view octets, std::string_view reversePath,
                                     std::span<const Recipient> recipients, const ClientGone& gone) override;
  Task<bool> hasRoom(std::span<const directory::Account> accounts, std::uint64_t octets) override;

 private:
  struct Job;

  Task<> storeSmall(Job& job);
  Task<> storeLarge(Job& job);
  Task<> storeTogether(Job& job);
  Task<> storeAlone(Job& job, std::size_t number);
  void take(Job& job, std::size_t number, const store::Delivered& delivered);

  Batcher& batcher_;
  db::Database& database_;
  events::Publisher& publisher_;
  Metrics& metrics_;
  const observe::Log& log_;
};

}  // namespace posthouse::lmtp_delivery
