#pragma once
#include <chrono>
#include <cstddef>
#include <expected>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/clock.h"
#include "crypto/digest.h"
#include "httpclient/client.h"
#include "observe/log.h"
#include "tokens/claims.h"
#include "tokens/issuer_config.h"
#include "tokens/refusal.h"
#include "tokens/token_metrics.h"

namespace posthouse::accountd {

/// Asks an issuer what a token is worth (RFC 7662 §2). Its answer is remembered for a short while under an HMAC of the
/// token, from which the token cannot be had; what it says about time is the caller's to judge at each login. Used on
/// one thread.
class Introspection {
 public:
  using Answer = std::expected<Claims, TokenRefusal>;

  Introspection(const IssuerConfig& config, httpclient::Client& client, TokenMetrics& metrics, observe::Log log,
                MonotonicClock clock = monotonicClock());

  /// Throws IssuerUnavailable: it cannot be reached, does not know us, or says what is no answer. After that nobody is
  /// asked for two seconds. Also if too many ask already, and then it is asked by the next all the same.
  Task<Answer> ask(std::string token);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Entry {
    crypto::Digest token;
    Answer answer;
    Instant expires;
  };
  static constexpr std::size_t kMostRemembered = 10'000;
  static constexpr std::chrono::seconds kPatience{5};
  static constexpr std::chrono::seconds kPause{2};

  Task<httpclient::Response> post(const std::string& token);
  Answer read(const httpclient::Response& response) const;
  [[noreturn]] void fail(const std::string& why);
  const Answer* remembered(const crypto::Digest& token);
  void remember(const crypto::Digest& token, const Answer& answer);

  const IssuerConfig& config_;
  httpclient::Client& client_;
  TokenMetrics& metrics_;
  const observe::Log log_;
  const MonotonicClock clock_;
  const std::string key_;  // of the HMACs
  Instant pausedUntil_{};
  std::list<Entry> entries_;  // all live equally long: the oldest first
  std::map<crypto::Digest, std::list<Entry>::iterator> byToken_;
};

}  // namespace posthouse::accountd
