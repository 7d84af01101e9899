#pragma once
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

namespace posthouse::daemon {

/// posthouse_auth_attempts_total of a protocol, counted where clients come in: each attempt once, whoever judges it.
class LoginMetrics {
 public:
  enum class Result { ok, badPassword, disabled, notAuthorized, needsAppPassword, rateLimited, error };

  /// The series of `usual` are there from the start; others come with the mechanism's first use.
  LoginMetrics(prometheus::Registry& registry, std::string protocol,
               std::initializer_list<const char*> usual = {"PLAIN", "LOGIN"});

  /// `mechanism`: letters of either case; one that there is, or with Result::error what a client says: whoever could
  /// not be asked could not say whether there is such a mechanism. An error of one that is not known is counted as
  /// "OTHER".
  void count(std::string_view mechanism, Result result);

 private:
  static constexpr std::array<const char*, 7> kResults{
      "ok", "bad_password", "disabled", "not_authorized", "needs_app_password", "rate_limited", "error"};
  using Counters = std::array<prometheus::Counter*, kResults.size()>;

  Counters& of(const std::string& mechanism);

  const std::string protocol_;
  prometheus::Family<prometheus::Counter>& family_;
  std::map<std::string, Counters> attempts_;  // by mechanism
};

}  // namespace posthouse::daemon
