#include "tokens/issuer_keys.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "net/wait.h"
#include "tokens/issuer_unavailable.h"

namespace posthouse::accountd {

IssuerKeys::IssuerKeys(net::Loop& loop, std::unique_ptr<KeySource> source, const IssuerConfig& config,
                       TokenMetrics& metrics, observe::Log log, MonotonicClock clock)
    : loop_(loop),
      source_(std::move(source)),
      config_(config),
      metrics_(metrics),
      log_(std::move(log)),
      clock_(std::move(clock)),
      renewalsSince_(clock_()) {
  metrics_.fetchedAt(config_.issuer).Set(0);
  for (const bool isOk : {true, false}) metrics_.fetches(config_.issuer, isOk);
}

Task<> IssuerKeys::keep(std::stop_token stop) {
  while (!stop.stop_requested()) {
    isFetching_ = true;
    co_await fetch(stop);
    isFetching_ = false;
    releaseWaiters();
    try {
      const net::Patience patience(pause_, stop, &wakeup_);
      net::Wait wait(loop_, patience);
      co_await wait;
    } catch (const net::Interrupted&) {  // it is time, a key is wanted, or the program ends
    }
  }
  isOver_ = true;
  releaseWaiters();
}

Task<> IssuerKeys::fetch(std::stop_token stop) {
  std::string why;
  try {
    fetched(co_await source_->fetch(stop));
    co_return;
  } catch (const net::Interrupted&) {
    isFailing_ = true;
    co_return;
  } catch (const std::exception& error) {
    why = error.what();
  }
  failed(why);
}

void IssuerKeys::fetched(FetchedKeys fetched) {
  if (isFailing_ || keys_.empty())
    log_.info("oauth.keys.fetched", "The keys of an issuer were fetched",
              {{"issuer", config_.issuer}, {"keys", fetched.keys.size()}});
  keys_ = std::move(fetched.keys);
  isFailing_ = false;
  retry_ = kFirstRetry;
  const std::chrono::milliseconds age =
      fetched.freshness.value_or(std::chrono::duration_cast<std::chrono::seconds>(config_.keysAge));
  pause_ = std::clamp<std::chrono::milliseconds>(age, kLeastAge, kMostAge);
  metrics_.fetches(config_.issuer, true).Increment();
  metrics_.fetchedAt(config_.issuer).SetToCurrentTime();
}

void IssuerKeys::failed(const std::string& why) {
  isFailing_ = true;
  pause_ = retry_;
  retry_ = std::min<std::chrono::milliseconds>(2 * retry_, kLastRetry);
  metrics_.fetches(config_.issuer, false).Increment();
  log_.warn("oauth.keys.failed",
            keys_.empty() ? "The keys of an issuer cannot be fetched: nobody can log in with its tokens"
                          : "The keys of an issuer cannot be fetched: those fetched before are still used",
            {{"issuer", config_.issuer}, {"error", why}});
}

Task<> IssuerKeys::renew() {
  if (!isOver_ && (isFetching_ || takeRenewal())) {
    if (!std::exchange(isFetching_, true)) wakeup_.wake();
    Event tried;
    waiters_.push_back(&tried);
    co_await tried;
  }
  if (isFailing_ || isOver_) throw IssuerUnavailable("the keys of " + config_.issuer + " cannot be fetched now");
}

/// While they cannot be fetched, keep() tries often enough.
bool IssuerKeys::takeRenewal() {
  if (isFailing_) return false;
  const auto now = clock_();
  const auto earned = (now - renewalsSince_) / kRenewalInterval;
  if (earned > 0) {
    renewals_ = static_cast<int>(std::min<std::int64_t>(kMostRenewals, renewals_ + earned));
    renewalsSince_ += earned * kRenewalInterval;
  }
  if (renewals_ == 0) return false;
  --renewals_;
  return true;
}

void IssuerKeys::releaseWaiters() {
  for (Event* waiter : std::exchange(waiters_, {})) waiter->set();
}

}  // namespace posthouse::accountd
