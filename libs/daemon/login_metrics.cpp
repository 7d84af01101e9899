#include "daemon/login_metrics.h"

#include <utility>

#include "base/ascii.h"

namespace posthouse::daemon {

LoginMetrics::LoginMetrics(prometheus::Registry& registry, std::string protocol,
                           std::initializer_list<const char*> usual)
    : protocol_(std::move(protocol)),
      family_(prometheus::BuildCounter()
                  .Name("posthouse_auth_attempts_total")
                  .Help("Logins that were tried, by what became of them.")
                  .Register(registry)) {
  for (const char* mechanism : usual) of(mechanism);
}

void LoginMetrics::count(std::string_view mechanism, Result result) {
  std::string name = ascii::toUpper(mechanism);
  if (result == Result::error && !attempts_.contains(name)) name = "OTHER";
  of(name).at(static_cast<std::size_t>(result))->Increment();
}

LoginMetrics::Counters& LoginMetrics::of(const std::string& mechanism) {
  const auto [place, isNew] = attempts_.try_emplace(mechanism);
  for (std::size_t i = 0; isNew && i < kResults.size(); ++i) {
    place->second[i] = &family_.Add({{"protocol", protocol_}, {"mechanism", mechanism}, {"result", kResults[i]}});
  }
  return place->second;
}

}  // namespace posthouse::daemon
