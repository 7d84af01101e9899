#include "defence/rules.h"

#include "daemon/client_policy.h"

namespace posthouse::accountd {
namespace {

constexpr std::int64_t kMost = 1'000'000;
constexpr std::chrono::milliseconds kMostDelay{8'000};  // programs give accountd ten seconds, and a hash takes its time

}  // namespace

DefenceRules DefenceRules::from(config::Configuration& configuration, config::Section& section) {
  DefenceRules rules;
  const auto number = [&](std::string_view key, auto& value) {
    value = static_cast<std::remove_reference_t<decltype(value)>>(
        section.integer(key, static_cast<std::int64_t>(value), 1, kMost));
  };
  const auto positive = [&](std::string_view key, Duration& value, Duration least) {
    value = section.duration(key, value);
    if (value < least) section.fail(key, "is too short");
  };
  rules.isOn = section.flag("defence", rules.isOn);
  number("free_failures", rules.freeFailures);
  number("account_free_failures", rules.accountFreeFailures);
  number("ban_after", rules.banAfter);
  positive("failure_half_life", rules.halfLife, std::chrono::seconds(1));
  positive("longest_delay", rules.longestDelay, Duration(0));
  if (rules.longestDelay > kMostDelay) section.fail("longest_delay", "must be 8s at most: programs wait for 10s");
  positive("ban_time", rules.banTime, std::chrono::seconds(1));
  positive("longest_ban", rules.longestBan, rules.banTime);
  positive("place_memory", rules.placeMemory, std::chrono::hours(1));
  number("shared_network_accounts", rules.sharedFrom);
  number("waiting_logins", rules.waiting);
  number("failure_memory", rules.memory);
  if (rules.memory < 1'000) section.fail("failure_memory", "must be 1000 at least");
  config::Section limits = configuration.section("limits");
  rules.exempt = daemon::networks(limits, "exempt_networks");  // the other keys are for other programs
  return rules;
}

}  // namespace posthouse::accountd
