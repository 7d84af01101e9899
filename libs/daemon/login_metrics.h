#pragma once
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace posthouse::daemon {

/// posthouse_auth_attempts_total of a protocol, counted where clients come in: each attempt once, whoever judges it.
class LoginMetrics {
 public:
  enum class Result { ok, badPassword, disabled, notAuthorized, error };

  /// `mechanisms`: all that a client can name, in upper case.
  LoginMetrics(prometheus::Registry& registry, const std::string& protocol,
               std::span<const std::string_view> mechanisms);

  /// `mechanism`: one of them, letters of either case.
  void count(std::string_view mechanism, Result result);

 private:
  static constexpr std::array<const char*, 5> kResults{"ok", "bad_password", "disabled", "not_authorized", "error"};
  std::map<std::string, std::array<prometheus::Counter*, kResults.size()>, std::less<>> attempts_;  // by mechanism
};

}  // namespace posthouse::daemon
