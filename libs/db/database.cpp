#include "db/database.h"

#include "async/completion.h"
#include "db/pool.h"
#include "net/loop.h"

namespace posthouse::db {

Database::Database(net::Loop& loop, Options options, prometheus::Registry& registry)
    : loop_(loop), pool_(std::make_unique<Pool>(std::move(options), registry)) {}

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
  pool_->submit({.mode = mode, .work = std::move(job), .ended = report});
  co_await ended;
}

}  // namespace posthouse::db
