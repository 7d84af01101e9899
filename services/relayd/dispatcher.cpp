#include "dispatcher.h"

#include <algorithm>
#include <utility>

#include "crypto/random.h"

namespace posthouse::relayd {
namespace {

constexpr std::chrono::seconds kCountInterval{15};

/// Sleeps, and says whether to go on.
Task<bool> pause(net::Loop& loop, std::chrono::milliseconds duration, std::stop_token stop) {
  try {
    co_await loop.sleep(duration, stop);
  } catch (const net::Interrupted&) {
  }
  co_return !stop.stop_requested();
}

}  // namespace

Dispatcher::Dispatcher(const Workshop& workshop) : workshop_(workshop), instance_(crypto::randomToken(9)) {}

Task<> Dispatcher::run(std::stop_token draining) {
  std::stop_source finished;
  background_.spawn(renewLeases(finished.get_token()));
  background_.spawn(showQueue(draining));
  while (!draining.stop_requested()) {
    const bool more = co_await claimSome();
    if (!more) co_await pause(workshop_.loop, workshop_.config.pollInterval, draining);
  }
  co_await giveBackWaiting();
  background_.spawn(interruptLater(finished.get_token()));
  co_await attempts_.drained();
  finished.request_stop();
  co_await background_.drained();
}

/// True if more may be due that can be begun.
Task<bool> Dispatcher::claimSome() {
  if (active_ >= workshop_.config.maxAttempts) co_return false;
  // The queue was away, perhaps for longer than our leases: what it has not heard of yet it would let us send again.
  if (std::ranges::any_of(underWay_, [](const auto& entry) { return entry.second->isUnsettled(); })) co_return false;
  std::vector<std::string> full;
  for (const auto& [name, destination] : destinations_) {
    if (destination.active >= limitOf(name)) full.push_back(name);
  }
  const int room = static_cast<int>(workshop_.config.maxAttempts - active_);
  std::vector<store::Claim> claims;
  const auto asked = Lease::Clock::now();
  const bool takesOver = !queueIsAway_ && asked - queueIsBack_ >= workshop_.config.takeOverAfter;
  try {
    claims = co_await workshop_.queue.claim(workshop_.config.lease, room, std::move(full), takesOver);
    if (std::exchange(queueIsAway_, false)) {
      queueIsBack_ = Lease::Clock::now();
      workshop_.log.info("queue.back", "the queue can be read again");
    }
  } catch (const std::exception& error) {
    const bool isNews = !std::exchange(queueIsAway_, true);
    if (isNews) workshop_.log.warn("queue.away", "the queue cannot be read now", {{"error", error.what()}});
  }
  const bool more = static_cast<int>(claims.size()) == room;
  for (Group& group : grouped(std::move(claims), Lease(asked, workshop_.config.lease))) {
    const std::string destination = group.claims.front().recipient.destination;
    start(destination, std::move(group));
  }
  co_return more;
}

std::vector<Dispatcher::Group> Dispatcher::grouped(std::vector<store::Claim> claims, Lease lease) const {
  std::map<std::pair<store::QueueId, std::string>, std::size_t> open;
  std::vector<Group> groups;
  for (store::Claim& claim : claims) {
    const auto key = std::pair(claim.message.id, claim.recipient.destination);
    const auto found = open.find(key);
    if (found != open.end() && groups[found->second].claims.size() < workshop_.config.maxRecipients) {
      groups[found->second].claims.push_back(std::move(claim));
      continue;
    }
    open[key] = groups.size();
    groups.push_back({{std::move(claim)}, lease});
  }
  return groups;
}

std::size_t Dispatcher::limitOf(const std::string& destination) const {
  return destination == store::QueuedRecipient::kLocal ? workshop_.config.maxLocal : workshop_.config.maxPerDestination;
}

void Dispatcher::start(const std::string& destination, Group group) {
  Destination& entry = destinations_[destination];
  if (entry.active >= limitOf(destination)) {
    entry.waiting.push_back(std::move(group));
    return;
  }
  ++entry.active;
  ++active_;
  attempts_.spawn(attempt(destination, std::move(group)));
}

Task<> Dispatcher::attempt(std::string destination, Group group) {
  Delivery delivery(workshop_, group.claims, group.lease, interrupt_.get_token());
  const std::uint64_t number = ++lastNumber_;
  underWay_.emplace(number, &delivery);
  try {
    co_await delivery.run();
  } catch (const std::exception& error) {
    workshop_.log.error("delivery.failed", "an attempt was given up; its lease will end",
                        {{"queue_id", store::toText(group.claims.front().message.id)}, {"error", error.what()}});
  }
  underWay_.erase(number);
  --active_;
  Destination& entry = destinations_[destination];
  --entry.active;
  if (!entry.waiting.empty()) {
    Group next = std::move(entry.waiting.front());
    entry.waiting.pop_front();
    start(destination, std::move(next));
  } else if (entry.active == 0) {
    destinations_.erase(destination);
  }
}

Task<> Dispatcher::renewLeases(std::stop_token stop) {
  while (true) {
    const bool goOn = co_await pause(workshop_.loop, std::chrono::milliseconds(workshop_.config.lease) / 3, stop);
    if (!goOn) co_return;
    // Each alone: whose lease is lost must be known. While one is renewed, others may end.
    std::vector<std::uint64_t> numbers;
    for (const auto& [number, delivery] : underWay_) numbers.push_back(number);
    for (const std::uint64_t number : numbers) co_await renew(number);
    co_await renewWaiting();
  }
}

Task<> Dispatcher::renew(std::uint64_t number) {
  const auto found = underWay_.find(number);
  if (found == underWay_.end()) co_return;
  const auto asked = Lease::Clock::now();
  const std::vector<store::Claim> claims = found->second->claims();
  try {
    const std::int64_t renewed = co_await workshop_.queue.renew(claims, workshop_.config.lease);
    const auto now = underWay_.find(number);
    if (now != underWay_.end() && renewed == static_cast<std::int64_t>(claims.size()))
      now->second->lease().renewed(asked, workshop_.config.lease);
  } catch (const std::exception& error) {
    workshop_.log.warn("queue.renew.failed", "leases cannot be renewed now", {{"error", error.what()}});
  }
}

Task<> Dispatcher::renewWaiting() {
  std::vector<store::Claim> claims;
  for (const auto& [name, destination] : destinations_) {
    for (const Group& group : destination.waiting)
      claims.insert(claims.end(), group.claims.begin(), group.claims.end());
  }
  if (claims.empty()) co_return;
  const auto asked = Lease::Clock::now();
  const std::size_t wanted = claims.size();
  try {
    const std::int64_t renewed = co_await workshop_.queue.renew(std::move(claims), workshop_.config.lease);
    if (renewed != static_cast<std::int64_t>(wanted)) co_return;
    for (auto& [name, destination] : destinations_) {
      for (Group& group : destination.waiting) group.lease.renewed(asked, workshop_.config.lease);
    }
  } catch (const std::exception& error) {
    workshop_.log.warn("queue.renew.failed", "leases cannot be renewed now", {{"error", error.what()}});
  }
}

Task<> Dispatcher::showQueue(std::stop_token stop) {
  do {
    try {
      const bool leads = co_await workshop_.queue.lead(instance_, 3 * kCountInterval);
      workshop_.metrics.show(leads ? co_await workshop_.queue.counts() : store::QueueCounts{});
    } catch (const std::exception& error) {
      workshop_.log.warn("queue.count.failed", "the queue cannot be counted now", {{"error", error.what()}});
    }
  } while (co_await pause(workshop_.loop, kCountInterval, stop));
}

Task<> Dispatcher::giveBackWaiting() {
  Settlement settlement;
  for (auto& [name, destination] : destinations_) {
    for (const Group& group : std::exchange(destination.waiting, {})) {
      for (const store::Claim& claim : group.claims)
        settlement.deferred.push_back({claim, workshop_.clock(), claim.lastError});
    }
  }
  if (settlement.deferred.empty()) co_return;
  try {
    co_await workshop_.queue.settle(settlement);
  } catch (const std::exception& error) {
    workshop_.log.warn("queue.settle.failed", "what was not begun could not be given back; its leases will end",
                       {{"error", error.what()}});
  }
}

Task<> Dispatcher::interruptLater(std::stop_token finished) {
  const bool stillWaiting = co_await pause(workshop_.loop, workshop_.config.drainPatience, finished);
  if (stillWaiting) interrupt_.request_stop();
}

}  // namespace posthouse::relayd
