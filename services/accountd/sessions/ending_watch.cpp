#include "sessions/ending_watch.h"

#include <exception>
#include <string>

namespace posthouse::accountd {

EndingWatch::EndingWatch(net::Loop& loop, db::Database& database, prometheus::Registry& registry, observe::Log log)
    : loop_(loop),
      database_(database),
      observed_(prometheus::BuildCounter()
                    .Name("posthouse_accountd_session_endings_total")
                    .Help("Decisions to end sessions that were read and passed on.")
                    .Register(registry)
                    .Add({})),
      log_(std::move(log)) {}

bool EndingWatch::isCurrent() const {
  constexpr std::chrono::seconds kLately{5};
  return std::chrono::steady_clock::now() - lookedAt_ < kLately;
}

Task<> EndingWatch::caughtUp() {
  constexpr std::chrono::milliseconds kPause{5};
  constexpr std::chrono::seconds kPatience{1};
  const auto asked = std::chrono::steady_clock::now();
  hurry();
  while (lookedAt_ < asked && std::chrono::steady_clock::now() < asked + kPatience) co_await loop_.sleep(kPause);
  co_await loop_.sleep(kInterval);
}

Task<> EndingWatch::run(std::stop_token stop) {
  constexpr std::chrono::milliseconds kTogether{10};  // what is decided in so short a time is read at once
  while (!stop.stop_requested()) {
    wake_ = std::stop_source();
    std::string failure;
    try {
      co_await look();
    } catch (const std::exception& error) {
      failure = error.what();
      horizon_ = 0;  // another server may have taken over, whose transactions are counted differently
    }
    if (!failure.empty() && !isAway_) log_.warn("sessions.unwatched", failure);
    isAway_ = !failure.empty();
    const std::stop_callback stopping(stop, [this] { wake_.request_stop(); });
    try {
      co_await loop_.sleep(kInterval, wake_.get_token());
      continue;
    } catch (const net::Interrupted&) {  // there is something new, or the program ends
    }
    co_await loop_.sleep(kTogether);
  }
}

Task<> EndingWatch::look() {
  const auto began = std::chrono::steady_clock::now();
  const auto job = [this](db::Transaction& transaction) {
    return store::SessionRepository(transaction).endingsSince(horizon_);
  };
  store::SessionRepository::News news = co_await database_.single(job, db::Repeat::harmless);
  horizon_ = news.horizon;
  lookedAt_ = began;
  const std::vector<store::SessionEnding> fresh = endings_.observe(std::move(news.endings));
  if (fresh.empty()) co_return;
  observed_.Increment(static_cast<double>(fresh.size()));
  for (Listener* listener : listeners_) listener->tell(fresh);
  endings_.forgetBefore(std::chrono::system_clock::now() - 2 * kKept);
}

}  // namespace posthouse::accountd
