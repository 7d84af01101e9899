// OAuth 2.0 Token Introspection, RFC 7662.
#include "tokens/introspection.h"

#include <fmt/format.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/base64.h"
#include "base/cursor.h"
#include "base/percent.h"
#include "crypto/random.h"
#include "crypto/secret.h"
#include "tokens/issuer_unavailable.h"
#include "tokens/json.h"

namespace posthouse::accountd {
namespace {

using nlohmann::json;

constexpr std::size_t kMostOctets = 64 * 1024;

/// Who we are: RFC 6749 §2.3.1 encodes both before they are a name and a password of Basic (RFC 7617).
std::string basicCredentials(const IssuerConfig& config) {
  return "Basic " + base64::encode(percentEncoded(config.clientId) + ":" + percentEncoded(config.clientSecret));
}

}  // namespace

Introspection::Introspection(const IssuerConfig& config, httpclient::Client& client, TokenMetrics& metrics,
                             observe::Log log, MonotonicClock clock)
    : config_(config),
      client_(client),
      metrics_(metrics),
      log_(std::move(log)),
      clock_(std::move(clock)),
      key_(crypto::randomOctets(32)) {
  for (const bool isOk : {true, false}) metrics_.introspection(config_.issuer, isOk);
}

Task<Introspection::Answer> Introspection::ask(std::string token) {
  const crypto::Digest digest = crypto::hmacSha256(key_, token);
  if (const Answer* known = remembered(digest)) co_return *known;
  if (clock_() < pausedUntil_) throw IssuerUnavailable(config_.issuer + " did not answer just now");
  const Instant begun = clock_();
  std::optional<Answer> answer;
  std::string why;
  try {
    answer = read(co_await post(token));
  } catch (const httpclient::Failed& failed) {
    // It was not even asked: those that are answered are others' logins.
    if (failed.why == httpclient::Failed::Why::overloaded)
      throw IssuerUnavailable(config_.issuer + " is asked about too many tokens already");
    why = failed.what();
  } catch (const SyntaxError& error) {
    why = error.what();
  }
  crypto::wipe(token);
  metrics_.introspection(config_.issuer, answer.has_value())
      .Observe(std::chrono::duration<double>(clock_() - begun).count());
  if (!answer) fail(why);
  remember(digest, *answer);
  co_return *std::move(answer);
}

/// RFC 7662 §2.1
Task<httpclient::Response> Introspection::post(const std::string& token) {
  httpclient::Request request{.method = httpclient::Request::Method::post,
                              .url = config_.url,
                              .headers = {{"Authorization", basicCredentials(config_)},
                                          {"Content-Type", "application/x-www-form-urlencoded"},
                                          {"Accept", "application/json"}},
                              .body = "token=" + percentEncoded(token) + "&token_type_hint=access_token",
                              .maxBody = kMostOctets};
  co_return co_await client_.fetch(std::move(request), kPatience);
}

/// RFC 7662 §2.2. Throws SyntaxError for what is no answer.
Introspection::Answer Introspection::read(const httpclient::Response& response) const {
  if (response.status == 401 || response.status == 403)
    throw SyntaxError(fmt::format("status {}: it does not accept our client_id and client_secret", response.status));
  if (response.status != 200) throw SyntaxError(fmt::format("status {}", response.status));
  const json answer = parseJsonObject(response.body);
  const auto active = answer.find("active");
  if (active == answer.end() || !active->is_boolean()) throw SyntaxError("an answer that does not say \"active\"");
  if (!active->get<bool>()) return std::unexpected(TokenRefusal::inactive);
  return readClaims(answer, config_.accountClaim);
}

void Introspection::fail(const std::string& why) {
  pausedUntil_ = clock_() + kPause;
  log_.warn("oauth.introspection.failed", "An issuer cannot be asked about a token",
            {{"issuer", config_.issuer}, {"error", why}});
  throw IssuerUnavailable(config_.issuer + " cannot be asked about a token");
}

const Introspection::Answer* Introspection::remembered(const crypto::Digest& token) {
  const Instant now = clock_();
  while (!entries_.empty() && entries_.front().expires <= now) {
    byToken_.erase(entries_.front().token);
    entries_.pop_front();
  }
  const auto known = byToken_.find(token);
  return known == byToken_.end() ? nullptr : &known->second->answer;
}

void Introspection::remember(const crypto::Digest& token, const Answer& answer) {
  if (config_.introspectionMemory.count() <= 0) return;
  if (const auto old = byToken_.find(token); old != byToken_.end()) {
    entries_.erase(old->second);
    byToken_.erase(old);
  } else if (entries_.size() == kMostRemembered) {
    byToken_.erase(entries_.front().token);
    entries_.pop_front();
  }
  entries_.push_back({token, answer, clock_() + config_.introspectionMemory});
  byToken_.emplace(token, std::prev(entries_.end()));
}

}  // namespace posthouse::accountd
