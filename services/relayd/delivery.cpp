#include "delivery.h"

#include <algorithm>
#include <utility>

#include "db/errors.h"

namespace posthouse::relayd {
namespace {

constexpr std::chrono::milliseconds kTryAgain{250};  // while the queue is away

std::vector<std::chrono::milliseconds> localPauses(const Config& config) {
  std::vector<std::chrono::milliseconds> pauses = config.localRetrySchedule;
  pauses.insert(pauses.end(), config.retrySchedule.begin(), config.retrySchedule.end());
  return pauses;
}

}  // namespace

/// Recipients who go by one transport, and how they are named there.
struct Delivery::Sending {
  std::vector<store::Claim> claims;
  std::vector<smtp::Rcpt> recipients;

  void add(const store::Claim& claim, std::string address) {
    claims.push_back(claim);
    recipients.push_back(rcptOf(claim, std::move(address)));
  }
};

Delivery::Delivery(const Workshop& workshop, std::vector<store::Claim> claims, Lease lease, std::stop_token stop)
    : workshop_(workshop),
      claims_(std::move(claims)),
      lease_(lease),
      stop_(std::move(stop)),
      localSchedule_(localPauses(workshop.config)),
      remoteSchedule_(workshop.config.retrySchedule) {}

Task<> Delivery::run() {
  const std::optional<Bodies::Hold> body = co_await takeBody();
  if (body) {
    octets_ = body->octets();
    co_await attempt();
  }
  if (!settlement_.isEmpty()) co_await commit();
}

/// Nothing if an administrator took the message out of the queue, or if it is given back because the drain left no time
/// to wait for room.
Task<std::optional<Bodies::Hold>> Delivery::takeBody() {
  try {
    co_return co_await workshop_.bodies.take(claims_.front(), stop_);
  } catch (const net::Interrupted&) {
    for (const store::Claim& claim : claims_) giveBack(claim);
  }
  co_return std::nullopt;
}

Task<> Delivery::attempt() {
  Sending local;
  Sending remote;
  co_await route(local, remote);
  co_await send(workshop_.local, local);
  co_await send(workshop_.remote, remote);
  tellSender();
}

Task<> Delivery::route(Sending& local, Sending& remote) {
  for (const store::Claim& claim : claims_) {
    if (claim.leaseExpired) workshop_.metrics.leaseExpired.Increment();
    Route route = co_await routeOf(claim.recipient, workshop_.directory);
    switch (route.way) {
      case Route::Way::local:
        local.add(claim, std::move(route.address));
        break;
      case Route::Way::remote:
        remote.add(claim, std::move(route.address));
        break;
      case Route::Way::expand:
        expand(claim, std::move(route.members));
        break;
      case Route::Way::none:
        settle(claim, {.reply = *route.refusal, .connected = false}, workshop_.local);
        break;
    }
  }
}

Task<> Delivery::send(Transport& transport, Sending& sending) {
  if (sending.claims.empty()) co_return;
  const auto begin = std::chrono::steady_clock::now();
  const std::string& address = sending.recipients.front().forwardPath;
  const Parcel parcel{sending.claims.front().message, octets_, address.substr(address.rfind('@') + 1), lease_,
                      sending.recipients};
  std::vector<Report> reports;
  try {
    reports = co_await transport.send(parcel, net::Patience(workshop_.config.attemptTimeout, stop_));
  } catch (const LeaseLost& lost) {
    workshop_.log.warn("delivery.withdrawn", lost.what(), {{"queue_id", store::toText(parcel.message.id)}});
    for (const store::Claim& claim : sending.claims) giveBack(claim);
    co_return;
  }
  workshop_.metrics.observeAttempt(transport.name(), std::chrono::steady_clock::now() - begin);
  for (std::size_t i = 0; i < reports.size(); ++i) settle(sending.claims[i], reports[i], transport);
}

void Delivery::settle(const store::Claim& claim, const Report& report, const Transport& transport) {
  const auto now = workshop_.clock();
  const Schedule& schedule = &transport == &workshop_.local ? localSchedule_ : remoteSchedule_;
  Fate fate = judge(claim, report, schedule, now);
  const bool isInterrupted = stop_.stop_requested() && report.host.empty() && fate.kind == Fate::Kind::deferred;
  if (isInterrupted) {
    // Ours to answer for, not the other side's: somebody else goes on at once.
    giveBack(claim);
    return;
  }
  workshop_.metrics.countAttempt(transport.name(), report, fate.kind);
  record(claim, report, fate, transport.name());
  if (fate.kind == Fate::Kind::deferred) {
    settlement_.deferred.push_back({claim, fate.nextAt, report.reply.text()});
    const auto& warning = workshop_.config.delayWarning;
    if (warning.count() > 0 && now - claim.message.createdAt >= warning && wantsDelayNotice(claim)) {
      settlement_.deferred.back().delayReported = true;
      delays_.push_back({claim, report, fate});
    }
    return;
  }
  workshop_.metrics.countEndOfLife(fate.kind, now - claim.message.createdAt);
  if (fate.kind != Fate::Kind::delivered && wantsFailureNotice(claim)) {
    failures_.push_back({claim, report, fate});
  } else {
    settlement_.replaced.push_back({{claim}});
  }
}

/// Somebody goes on with it at once.
void Delivery::giveBack(const store::Claim& claim) {
  settlement_.deferred.push_back({claim, workshop_.clock(), claim.lastError});
}

void Delivery::expand(const store::Claim& claim, std::vector<store::QueuedRecipient> members) {
  NewMail mail{claim.message, std::move(members), std::string(octets_)};
  mail.message.id = workshop_.ids.next();
  for (store::QueuedRecipient& member : mail.recipients) member.nextAt = workshop_.clock();
  workshop_.metrics.enqueuedForwards.Increment();
  workshop_.log.info("queue.enqueued", "an alias was expanded",
                     {{"queue_id", store::toText(mail.message.id)},
                      {"for_queue_id", store::toText(claim.message.id)},
                      {"recipient", claim.recipient.address},
                      {"recipients", mail.recipients.size()}});
  settlement_.replaced.push_back({{claim}, std::move(mail)});
}

void Delivery::record(const store::Claim& claim, const Report& report, const Fate& fate,
                      std::string_view transport) const {
  const std::string event = "delivery." + std::string(nameOf(fate.kind));
  const std::string queueId = store::toText(claim.message.id);
  const std::string reply = report.reply.text();
  workshop_.log.info(event, "an attempt to deliver has ended",
                     {{"queue_id", queueId},
                      {"sender", claim.message.sender},
                      {"recipient", claim.recipient.address},
                      {"transport", transport},
                      {"host", report.host},
                      {"tls", report.tls},
                      {"code", report.reply.code},
                      {"reply", reply},
                      {"attempts", claim.attempts}});
}

void Delivery::tellSender() {
  if (!failures_.empty()) {
    Replacement replacement;
    for (const Notice& notice : failures_) replacement.finished.push_back(notice.claim);
    replacement.by = workshop_.bounces.write(failures_, octets_);
    workshop_.metrics.failureReports.Increment();
    recordReport(failures_, *replacement.by);
    settlement_.replaced.push_back(std::move(replacement));
  }
  if (!delays_.empty()) {
    settlement_.delayNotice = workshop_.bounces.write(delays_, octets_);
    workshop_.metrics.delayReports.Increment();
    recordReport(delays_, *settlement_.delayNotice);
  }
}

void Delivery::recordReport(const std::vector<Notice>& notices, const NewMail& report) const {
  workshop_.metrics.enqueuedReports.Increment();
  workshop_.log.info("dsn.sent", "a report goes to the sender",
                     {{"queue_id", store::toText(report.message.id)},
                      {"for_queue_id", store::toText(notices.front().claim.message.id)},
                      {"recipient", report.recipients.front().address},
                      {"recipients", notices.size()}});
}

/// What has been said to another server cannot be taken back: so this is tried until the queue is back, and otherwise
/// for as long as the leases can be kept.
Task<> Delivery::commit() {
  std::chrono::milliseconds pause{250};
  while (true) {
    try {
      co_await workshop_.queue.settle(settlement_);
      isUnsettled_ = false;
      co_return;
    } catch (const db::Unavailable& away) {
      const bool isNews = !std::exchange(isUnsettled_, true);
      if (isNews) workshop_.log.warn("queue.settle.failed", "the queue is away", {{"error", away.what()}});
    } catch (const std::exception& error) {
      isUnsettled_ = false;
      workshop_.log.warn("queue.settle.failed", "the queue cannot be written now", {{"error", error.what()}});
      if (pause > workshop_.config.lease) throw;
    }
    co_await workshop_.loop.sleep(isUnsettled_ ? kTryAgain : pause);
    if (!isUnsettled_) pause *= 2;
  }
}

}  // namespace posthouse::relayd
