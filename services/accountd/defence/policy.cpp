#include "defence/policy.h"

#include <algorithm>
#include <cmath>

namespace posthouse::accountd {
namespace {

constexpr std::chrono::milliseconds kFirstDelay{500};
constexpr double kMostDoublings = 20;
constexpr double kWide = 4;            // a larger network may fail so many times more often
constexpr double kAtHome = 5;          // and so may an account where it logs in
constexpr double kMostTolerance = 20;  // and a network that many log in from
constexpr double kFaded = 0.25;        // by how much failures may have faded while somebody waited

std::chrono::milliseconds grown(double failures, const DefenceRules& rules) {
  if (failures < rules.freeFailures) return {};
  const double doublings = std::min(std::floor(failures - rules.freeFailures), kMostDoublings);
  return std::min(rules.longestDelay, kFirstDelay * (std::int64_t{1} << static_cast<int>(doublings)));
}

/// Where many log in, more of them mistype.
double tolerance(const Standing& standing) {
  return std::min(1 + static_cast<double>(standing.accountsHere), kMostTolerance);
}

/// How many failures of a name at a network weigh as much as one of a stranger to it. Those who say no name may be all
/// that log in there.
double patience(const Standing& standing) {
  if (!standing.isKnownHere) return 1;
  const auto accounts = static_cast<double>(standing.accountsHere);
  return kAtHome * (standing.isNameless ? std::clamp(accounts, 1.0, kMostTolerance) : 1);
}

}  // namespace

Delay delayFor(const Standing& standing, const DefenceRules& rules) {
  Delay longest;
  // `scale`: how many of these failures weigh as much as one of a network that nobody logs in from.
  const auto consider = [&](double failures, double scale, Cause cause) {
    const auto wait = grown((failures + kFaded) / scale, rules);
    if (wait > longest.wait) longest = {wait, cause};
  };
  const bool isStranger = !standing.isKnownHere;
  const bool isAtHome = standing.isKnownHere || standing.isKnownNearby;
  if (!standing.isHidden) {
    consider(standing.pair, patience(standing), Cause::pair);
    if (isStranger) consider(standing.network, tolerance(standing), Cause::network);
    if (!isAtHome) consider(standing.neighbourhood, kWide * tolerance(standing), Cause::neighbourhood);
  }
  if (standing.isHidden || !isAtHome)
    consider(standing.account, rules.accountFreeFailures / rules.freeFailures, Cause::account);
  return longest;
}

DueBans bansFor(const Standing& standing, const DefenceRules& rules) {
  if (standing.isHidden) return {};
  const bool isShared = standing.accountsHere >= rules.sharedFrom;
  const auto isDue = [&](double failures, double scale) { return (failures + kFaded) / scale >= rules.banAfter; };
  return {.network = !isShared && isDue(standing.network, tolerance(standing)),
          .neighbourhood = !isShared && isDue(standing.neighbourhood, kWide * tolerance(standing)),
          .pair = isDue(standing.pair, patience(standing))};
}

std::chrono::milliseconds banTime(int times, const DefenceRules& rules) {
  const int doublings = std::clamp(times - 1, 0, static_cast<int>(kMostDoublings));
  return std::min(rules.longestBan, rules.banTime * (std::int64_t{1} << doublings));
}

}  // namespace posthouse::accountd
