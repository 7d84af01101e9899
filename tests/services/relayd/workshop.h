#pragma once

#include <string>
#include <vector>

#include "db/errors.h"
#include "delivery.h"
#include "support/fake_directory.h"
#include "support/quiet_sink.h"

namespace posthouse::relayd {

/// Answers the same to everybody.
struct FakeTransport final : Transport {
  explicit FakeTransport(std::string transport) : label(std::move(transport)) {}
  std::string label;
  smtp::Reply reply{250, "2.0.0 Taken"};
  std::string host = "mx.x.example";
  std::vector<std::string> sent;

  std::string_view name() const override { return label; }
  Task<std::vector<Report>> send(const Parcel& parcel, net::Patience) override {
    LeasedContent content(parcel.octets, parcel.lease);
    while (!(co_await content.next()).empty()) {
    }
    for (const smtp::Rcpt& rcpt : parcel.recipients) sent.push_back(rcpt.forwardPath);
    co_return std::vector<Report>(parcel.recipients.size(), Report{.reply = reply, .host = host});
  }
};

/// A queue that keeps what was settled.
struct FakeQueue final : Queue {
  std::string octets = "Subject: hello\r\nMessage-ID: <1@y.example>\r\n\r\nworld\r\n";
  std::vector<store::Claim> due;
  std::vector<Settlement> settled;
  int failures = 0;  // of the next calls of settle
  bool isAway = false;
  int claimedBlindly = 0;  // claims between a settlement that failed and its repetition
  int unreadable = 0;      // of the next calls of claim
  int renewed = 0;
  bool tookOver = false;  // a claim would have
  bool leads = true;
  std::vector<std::string> exceptions;  // of the last claim

  Task<std::vector<store::Claim>> claim(std::chrono::seconds, int limit, std::vector<std::string> except,
                                        bool takesOver) override {
    tookOver = tookOver || takesOver;
    if (unreadable-- > 0) throw std::runtime_error("away");
    exceptions = std::move(except);
    if (isAway) ++claimedBlindly;
    std::vector<store::Claim> claims;
    while (!due.empty() && claims.size() < static_cast<std::size_t>(limit)) {
      claims.push_back(due.back());
      due.pop_back();
    }
    co_return claims;
  }
  Task<std::optional<std::string>> load(store::Claim) override { co_return octets; }
  Task<> settle(const Settlement& settlement) override {
    isAway = failures-- > 0;
    if (isAway) throw db::Unavailable("away");
    settled.push_back(settlement);
    co_return;
  }
  Task<std::int64_t> renew(std::vector<store::Claim> claims, std::chrono::seconds) override {
    ++renewed;
    co_return static_cast<std::int64_t>(claims.size());
  }
  Task<store::QueueCounts> counts() override {
    co_return store::QueueCounts{.ready = {.recipients = 7}, .active = {}, .deferred = {}, .held = {}};
  }
  Task<bool> lead(std::string, std::chrono::seconds) override { co_return leads; }

  std::size_t finished() const {
    std::size_t count = 0;
    for (const Settlement& settlement : settled) {
      for (const Replacement& replacement : settlement.replaced) count += replacement.finished.size();
    }
    return count;
  }
  std::vector<NewMail> reports() const {
    std::vector<NewMail> reports;
    for (const Settlement& settlement : settled) {
      for (const Replacement& replacement : settlement.replaced) {
        if (replacement.by) reports.push_back(*replacement.by);
      }
    }
    return reports;
  }
};

/// Everything that an attempt needs, at a time that stands still.
struct TestWorkshop {
  std::chrono::system_clock::time_point now{std::chrono::seconds(1'795'000'000)};
  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "relayd", "test"};
  Config config;
  FakeQueue queue;
  test::FakeDirectory directory;
  FakeTransport local{"lmtp"};
  FakeTransport remote{"smtp"};
  WallClock clock = [this] { return now; };
  BounceWriter bounces{"mx.mail.test", std::chrono::hours(120), clock};
  store::QueueIdMint ids{clock};
  Metrics metrics{registry};
  Bodies bodies{loop, queue, 1024 * 1024};
  Workshop workshop{loop, config, queue, bodies, directory, local, remote, bounces, ids, metrics, log, clock};
  std::stop_source stop;
  Lease lease{Lease::Clock::now(), std::chrono::hours(1)};

  TestWorkshop() {
    config.hostname = "mx.mail.test";
    directory.add("postmaster@mail.test", 99);
  }

  store::Claim claim(const std::string& address, int attempts = 1) {
    store::Claim claim;
    claim.message.id = store::QueueId{4711};
    claim.message.sender = "sender@Y.example";
    claim.message.createdAt = now - std::chrono::minutes(1);
    claim.message.expiresAt = now + std::chrono::hours(100);
    claim.recipient.address = address;
    claim.recipient.destination = address.substr(address.find('@') + 1);
    claim.number = nextNumber_++;
    claim.attempts = attempts;
    return claim;
  }

  void run(std::vector<store::Claim> claims) {
    Delivery delivery(workshop, std::move(claims), lease, stop.get_token());
    loop.runUntilDone(delivery.run());
  }

 private:
  int nextNumber_ = 1;
};

}  // namespace posthouse::relayd
