#pragma once
#include <chrono>
#include <stop_token>

#include "async/task.h"
#include "db/database.h"
#include "defence/defence.h"
#include "defence/places.h"
#include "net/loop.h"
#include "observe/log.h"
#include "store/defence_repository.h"

namespace posthouse::accountd {

class StorePlaces final : public PlaceStore {
 public:
  StorePlaces(db::Database& database, const DefenceRules& rules)
      : database_(database), halfLife_(rules.halfLife), lately_(rules.placeMemory) {}

  Task<std::vector<std::int64_t>> namesAt(std::string network, int most) override;

 private:
  db::Database& database_;
  const std::chrono::milliseconds halfLife_;
  const std::chrono::milliseconds lately_;
};

/// Tells the database once a second what was counted here, and learns what others counted: however many logins fail, it
/// is one transaction, of a bounded number of rows. While the database is away, every instance defends itself alone.
class Sharing {
 public:
  Sharing(net::Loop& loop, db::Database& database, Defence& defence, DefenceMetrics& metrics, observe::Log log)
      : loop_(loop), database_(database), defence_(defence), metrics_(metrics), log_(std::move(log)) {}

  /// Until the stop. What is untold then is told.
  Task<> run(std::stop_token stop);
  /// Once. Throws what the database throws.
  Task<> exchange();

 private:
  Task<> tell();
  Task<> learn();
  Task<> prune();
  Task<> attempt(bool isTimeToPrune);

  net::Loop& loop_;
  db::Database& database_;
  Defence& defence_;
  DefenceMetrics& metrics_;
  const observe::Log log_;
  store::DefenceRepository::Time learnt_{};  // up to when, by the database's clock
};

}  // namespace posthouse::accountd
