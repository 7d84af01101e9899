#include "daemon/login_metrics.h"

#include "base/ascii.h"

namespace posthouse::daemon {

LoginMetrics::LoginMetrics(prometheus::Registry& registry, const std::string& protocol,
                           std::span<const std::string_view> mechanisms) {
  auto& family = prometheus::BuildCounter()
                     .Name("posthouse_auth_attempts_total")
                     .Help("Logins that were tried, by what became of them.")
                     .Register(registry);
  for (const std::string_view mechanism : mechanisms) {
    for (std::size_t i = 0; i < kResults.size(); ++i) {
      attempts_[std::string(mechanism)][i] =
          &family.Add({{"protocol", protocol}, {"mechanism", std::string(mechanism)}, {"result", kResults[i]}});
    }
  }
}

void LoginMetrics::count(std::string_view mechanism, Result result) {
  attempts_.at(ascii::toUpper(mechanism)).at(static_cast<std::size_t>(result))->Increment();
}

}  // namespace posthouse::daemon
