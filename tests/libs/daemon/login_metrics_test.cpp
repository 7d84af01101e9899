#include "daemon/login_metrics.h"

#include <catch2/catch.hpp>

#include "support/series.h"

using namespace posthouse;
using Result = daemon::LoginMetrics::Result;

TEST_CASE("logins are counted by mechanism and result, and the usual series are there from the start", "[daemon]") {
  prometheus::Registry registry;
  daemon::LoginMetrics logins(registry, "pop3", {"PLAIN", "USER"});
  const auto attempts = [&](const std::string& mechanism, const std::string& result) {
    return test::valueOf(registry, "posthouse_auth_attempts_total{mechanism=\"" + mechanism +
                                       "\",protocol=\"pop3\",result=\"" + result + "\"}");
  };
  for (const char* result : {"ok", "bad_password", "disabled", "not_authorized", "error", "needs_app_password"})
    CHECK(attempts("USER", result) == 0);
  logins.count("plain", Result::badPassword);
  logins.count("USER", Result::ok);
  CHECK(attempts("PLAIN", "bad_password") == 1);
  CHECK(attempts("USER", "ok") == 1);
  logins.count("SCRAM-SHA-256", Result::ok);
  CHECK(attempts("SCRAM-SHA-256", "ok") == 1);
  CHECK(attempts("SCRAM-SHA-256", "bad_password") == 0);
  logins.count("scram-sha-256", Result::error);
  CHECK(attempts("SCRAM-SHA-256", "error") == 1);
}

TEST_CASE("what clients say while nobody can be asked makes no series", "[daemon]") {
  prometheus::Registry registry;
  daemon::LoginMetrics logins(registry, "pop3");
  for (int i = 0; i < 100; ++i) logins.count("X" + std::to_string(i), Result::error);
  CHECK(test::valueOf(registry, R"(posthouse_auth_attempts_total{mechanism="OTHER",protocol="pop3",result="error"})") ==
        100);
  for (const auto& family : registry.Collect()) CHECK(family.metric.size() == 3 * 7);
}
