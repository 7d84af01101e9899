#include "db/database.h"

#include "async/completion.h"
#include "db/errors.h"
#include "db/pool.h"
#include "net/loop.h"

namespace posthouse::db {

namespace {

/// Ends the wait of a job that no thread takes in time.
class Deadline final : public net::Timeouts::Entry {
 public:
  Deadline(Pool& pool, Completion<std::monostate>& ended) : pool_(pool), ended_(ended) {}

 private:
  void expired() override {
    if (!pool_.withdraw(&ended_)) return;
    ended_.fail(std::make_exception_ptr(Unavailable("no connection to PostgreSQL became free in time")));
  }

  Pool& pool_;
  Completion<std::monostate>& ended_;
};

}  // namespace

Database::Database(net::Loop& loop, Options options, prometheus::Registry& registry)
    : loop_(loop),
      queuePatience_(options.queuePatience),
      accounts_(loop, options.queuePatience),
      pool_(std::make_unique<Pool>(std::move(options), registry)) {}

Database::~Database() = default;

std::size_t Database::pending() const noexcept {
  return pool_->pending();
}

Task<> Database::execute(Mode mode, std::function<void(Transaction&)> job) {
  Completion<std::monostate> ended;
  const auto report = [this, &ended](std::exception_ptr failure) {
    loop_.post([&ended, failure = std::move(failure)]() mutable {
      if (failure) {
        ended.fail(std::move(failure));
      } else {
        ended.complete({});
      }
    });
  };
  Deadline deadline(*pool_, ended);
  loop_.timeouts().arm(deadline, queuePatience_);
  pool_->submit({.mode = mode, .waiter = &ended, .work = std::move(job), .ended = report});
  co_await ended;
}

}  // namespace posthouse::db
