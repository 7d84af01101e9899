#pragma once
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "async/completion.h"
#include "async/task.h"
#include "base/clock.h"
#include "net/loop.h"
#include "observe/log.h"
#include "tokens/issuer_config.h"
#include "tokens/key_source.h"
#include "tokens/token_metrics.h"

namespace posthouse::accountd {

/// The keys of one issuer, kept fresh in the background, so that no login waits for them. While they cannot be fetched
/// the old ones stay. Used on one thread.
class IssuerKeys {
 public:
  IssuerKeys(net::Loop& loop, std::unique_ptr<KeySource> source, const IssuerConfig& config, TokenMetrics& metrics,
             observe::Log log, MonotonicClock clock = monotonicClock());
  IssuerKeys(const IssuerKeys&) = delete;
  IssuerKeys& operator=(const IssuerKeys&) = delete;

  /// Fetches them now, and again before they are old, until the stop. Runs beside everything else, once.
  Task<> keep(std::stop_token stop);

  /// Those that are known now; none before they were fetched for the first time.
  const Jwks& current() const noexcept { return keys_; }

  /// For a key that is not among them: returns when they have been fetched anew, or at once if that happened too often
  /// lately: three times, and once more every 30 s, whatever tokens clients make up. Throws IssuerUnavailable if the
  /// last try failed.
  Task<> renew();

 private:
  static constexpr int kMostRenewals = 3;
  static constexpr std::chrono::seconds kRenewalInterval{30};
  static constexpr std::chrono::minutes kLeastAge{1};
  static constexpr std::chrono::hours kMostAge{24};
  static constexpr std::chrono::seconds kFirstRetry{1};
  static constexpr std::chrono::seconds kLastRetry{60};

  Task<> fetch(std::stop_token stop);
  void fetched(FetchedKeys fetched);
  void failed(const std::string& why);
  bool takeRenewal();
  void releaseWaiters();

  net::Loop& loop_;
  const std::unique_ptr<KeySource> source_;
  const IssuerConfig& config_;
  TokenMetrics& metrics_;
  const observe::Log log_;
  const MonotonicClock clock_;
  Jwks keys_;
  bool isFetching_ = false;  // or about to
  bool isFailing_ = false;   // the last try
  bool isOver_ = false;
  std::chrono::milliseconds retry_ = kFirstRetry;
  std::chrono::milliseconds pause_{0};  // until the next try
  int renewals_ = kMostRenewals;        // left
  std::chrono::steady_clock::time_point renewalsSince_;
  net::Wakeup wakeup_;
  std::vector<Event*> waiters_;
};

}  // namespace posthouse::accountd
