#include "leases.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "process_name.h"

namespace posthouse::pop3d {
namespace {

constexpr std::chrono::milliseconds kAgain{1000};  // after a renewal that failed

}  // namespace

Leases::Leases(MailStore& store, std::string instance)
    : store_(store), instance_(std::move(instance)), process_(processName()) {}

store::MaildropHolder Leases::holder(store::AccountId account, std::string id, std::string session) const {
  return {.account = account,
          .id = std::move(id),
          .session = std::move(session),
          .instance = instance_,
          .process = process_};
}

Task<> Leases::run(net::Loop& loop, std::chrono::milliseconds period, const observe::Log& log, std::stop_token stop) {
  bool isWell = true;
  for (;;) {
    std::string failure;
    try {
      co_await turn();
    } catch (const std::exception& error) {
      failure = error.what();
    }
    // The sessions go on: QUIT sees to it that nobody else has what they delete from.
    if (!failure.empty() && isWell) log.warn("pop3.leases.failed", failure);
    isWell = failure.empty();
    try {
      co_await loop.sleep(isWell ? period : std::min(period, kAgain), stop);
    } catch (const net::Interrupted&) {
      co_return;
    }
  }
}

Task<> Leases::turn() {
  if (!hasLookedForDead_) co_await store_.releaseOfDead();
  hasLookedForDead_ = true;
  if (granted_.empty()) co_return;
  std::vector<store::MaildropHolder> holders, gone;
  holders.reserve(granted_.size());
  for (const Claim* claim : granted_) holders.push_back(claim->holder());
  co_await store_.renew(holders);
  // Who has let go meanwhile may have got it again by a renewal that came late.
  std::unordered_set<std::string_view> still;
  for (const Claim* claim : granted_) still.insert(claim->holder().id);
  for (const store::MaildropHolder& holder : holders)
    if (!still.contains(holder.id)) gone.push_back(holder);
  if (!gone.empty()) co_await store_.release(std::move(gone));
}

}  // namespace posthouse::pop3d
