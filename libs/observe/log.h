#pragma once
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <variant>

namespace posthouse::observe {

enum class Level { debug, info, warn, error };

std::optional<Level> parseLevel(std::string_view name);

/// A member of a log line: a name (queue_id, session_id, remote_ip, code, duration_s, size_b, error...) and a value.
struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, double, bool> value;

  Field(std::string_view n, std::string_view v) : name(n), value(v) {}
  Field(std::string_view n, const char* v) : name(n), value(std::string_view(v)) {}
  Field(std::string_view n, const std::string& v) : name(n), value(std::string_view(v)) {}
  template <std::integral T>
  Field(std::string_view n, T v) : name(n) {
    if constexpr (std::same_as<T, bool>) {
      value = v;
    } else {
      value = static_cast<std::int64_t>(v);
    }
  }
  Field(std::string_view n, double v) : name(n), value(v) {}
};
using Fields = std::initializer_list<Field>;

/// Where lines go: written in order by a thread of its own, so that a reader that is stuck never stops the loop. It
/// gathers for a moment after the first line, so that many are one write. What does not fit into its buffer is dropped
/// and counted. Of warnings and errors, only so many of one event are written in a while: a database that is down must
/// not bury what else happens.
class LogSink {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMostWaiting = 4 * 1024 * 1024;  // octets
  static constexpr std::uint64_t kMostOfOneEvent = 100;         // in each kWindow
  static constexpr std::chrono::seconds kWindow{10};

  /// Writes to `descriptor` (1: standard output). Metrics: posthouse_log_events_total, posthouse_log_dropped_total,
  /// posthouse_log_suppressed_total.
  LogSink(int descriptor, prometheus::Registry& registry);
  /// Writes what is left; gives up on a reader that takes nothing for a second.
  ~LogSink();
  LogSink(const LogSink&) = delete;
  LogSink& operator=(const LogSink&) = delete;

  void write(Level level, std::string_view line);

  /// Whether one more line of this event is to be written; if so, how many like it were left out since the last.
  std::optional<std::uint64_t> admit(Level level, std::string_view event, Clock::time_point now = Clock::now());

  std::atomic<Level> threshold{Level::info};

 private:
  static constexpr std::chrono::milliseconds kGather{5};  // for more lines

  /// Shared with the thread, which outlives the sink where a write never returns.
  struct Buffer {
    std::mutex mutex;
    std::condition_variable changed;
    std::string waiting;         // guarded by mutex
    bool idle = false;           // the thread waits for a first line; guarded by mutex
    bool ending = false;         // guarded by mutex
    bool ended = false;          // guarded by mutex
    bool isAbandoned = false;    // the descriptor is no longer the thread's to write to; guarded by mutex
    std::uint64_t progress = 0;  // writes that returned; guarded by mutex
  };
  /// How much was written of an event in the window that began last.
  struct Recent {
    Clock::time_point began;
    std::uint64_t written = 0;
    std::uint64_t leftOut = 0;
  };

  static void run(const std::shared_ptr<Buffer>& buffer, int descriptor);

  prometheus::Counter* events_[4];
  prometheus::Counter& dropped_;
  prometheus::Counter& suppressed_;
  std::shared_ptr<Buffer> buffer_ = std::make_shared<Buffer>();
  std::mutex recentMutex_;
  std::map<std::string, Recent, std::less<>> recent_;  // by event, which are few; guarded by recentMutex_
  std::thread thread_;
};

/// One JSON object a line: ts, level, service, instance, event (a stable dotted name), msg, and fields. Cheap to copy;
/// `with` makes one whose lines all carry more fields, as a session's id. Safe from any thread.
class Log {
 public:
  Log(LogSink& sink, std::string_view service, std::string_view instance);

  Log with(Fields fields) const;

  void debug(std::string_view event, std::string_view message, Fields fields = {}) const {
    write(Level::debug, event, message, fields);
  }
  void info(std::string_view event, std::string_view message, Fields fields = {}) const {
    write(Level::info, event, message, fields);
  }
  void warn(std::string_view event, std::string_view message, Fields fields = {}) const {
    write(Level::warn, event, message, fields);
  }
  void error(std::string_view event, std::string_view message, Fields fields = {}) const {
    write(Level::error, event, message, fields);
  }

  bool writes(Level level) const noexcept { return level >= sink_->threshold.load(std::memory_order_relaxed); }

 private:
  void write(Level level, std::string_view event, std::string_view message, Fields fields) const;

  LogSink* sink_;
  std::string carried_;  // rendered members, each with a comma before it
};

/// Appends `text` as a JSON string. Octets that are not UTF-8 become U+FFFD.
void appendJsonString(std::string& json, std::string_view text);

}  // namespace posthouse::observe
