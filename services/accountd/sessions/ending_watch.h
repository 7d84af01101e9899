#pragma once
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstdint>
#include <set>
#include <span>
#include <stop_token>
#include <utility>
#include <vector>

#include "async/task.h"
#include "db/database.h"
#include "net/loop.h"
#include "net/patience.h"
#include "observe/log.h"
#include "sessions/endings.h"

namespace posthouse::accountd {

/// Reads which sessions have to end, a few times a second, whichever accountd decided it; and tells those who listen.
class EndingWatch {
 public:
  static constexpr std::chrono::milliseconds kInterval{200};
  /// How long an ending is kept: longer than any transaction takes from there to its commit.
  static constexpr std::chrono::minutes kKept{30};

  EndingWatch(net::Loop& loop, db::Database& database, prometheus::Registry& registry, observe::Log log);

  /// Until the stop.
  Task<> run(std::stop_token stop);
  /// Something may just have been decided here: looks at once.
  void hurry() noexcept { wake_.request_stop(); }
  /// Hurries until what was decided before has been read here, a second at most, and gives the other accountds the time
  /// in which they look: who logs in afterwards is not meant by it.
  Task<> caughtUp();

  const Endings& endings() const noexcept { return endings_; }
  /// Whether what there is has been read lately.
  bool isCurrent() const;

  /// Hears of everything that is read while it lives, and of what is said to it alone.
  class Listener {
   public:
    explicit Listener(EndingWatch& watch) : watch_(watch) { watch_.listeners_.insert(this); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener() { watch_.listeners_.erase(this); }

    void tell(std::span<const store::SessionEnding> endings) {
      if (endings.empty()) return;
      news_.insert(news_.end(), endings.begin(), endings.end());
      wakeup_.wake();
    }
    std::vector<store::SessionEnding> takeNews() noexcept { return std::exchange(news_, {}); }
    std::size_t waiting() const noexcept { return news_.size(); }
    /// Woken by news.
    net::Wakeup& wakeup() noexcept { return wakeup_; }

   private:
    EndingWatch& watch_;
    std::vector<store::SessionEnding> news_;
    net::Wakeup wakeup_;
  };

 private:
  Task<> look();

  net::Loop& loop_;
  db::Database& database_;
  prometheus::Counter& observed_;
  const observe::Log log_;
  Endings endings_;
  std::int64_t horizon_ = 0;  // endings of transactions before it have been read
  std::chrono::steady_clock::time_point lookedAt_{};
  bool isAway_ = false;
  std::set<Listener*> listeners_;
  std::stop_source wake_;  // of the next look
};

}  // namespace posthouse::accountd
