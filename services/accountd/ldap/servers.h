#pragma once
#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "observe/log.h"

namespace posthouse::accountd::ldap {

/// The servers of a directory, and which of them are left alone for a while because they failed. Used by the threads of
/// all connections. Logs when one fails and when it works again.
class Servers {
 public:
  static constexpr std::chrono::milliseconds kFirstRest{250};
  static constexpr std::chrono::milliseconds kLongestRest{10'000};

  Servers(std::vector<std::string> urls, observe::Log log, MonotonicClock clock = monotonicClock())
      : urls_(std::move(urls)), log_(std::move(log)), clock_(std::move(clock)) {}

  /// Those to try now, in order; none while all rest.
  std::vector<std::string> candidates();
  /// It rests: twice as long every time.
  void failed(const std::string& url, const std::string& why);
  void works(const std::string& url);
  /// Why the last failed that did.
  std::string trouble();

 private:
  struct Rest {
    std::chrono::steady_clock::time_point until;
    std::chrono::milliseconds length{0};
  };

  const std::vector<std::string> urls_;
  const observe::Log log_;
  const MonotonicClock clock_;
  std::mutex mutex_;
  std::map<std::string, Rest> resting_;  // guarded by mutex_
  std::string trouble_;                  // guarded by mutex_
};

}  // namespace posthouse::accountd::ldap
