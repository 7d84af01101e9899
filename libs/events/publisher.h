#pragma once
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <memory>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "events/change.h"
#include "net/loop.h"
#include "rpc/security.h"

namespace posthouse::events {

/// Tells every program with sessions what was committed. What changes in one turn of the loop, or while a call to a
/// peer is under way and for a moment after it, travels together in one call: a call costs more than a change.
class Publisher {
 public:
  /// `peers`: gRPC addresses ("unix:/path", "host:port"; a DNS name with many addresses reaches one of them a call, so
  /// name replicas singly or by one headless name each). Metric: posthouse_events_published_total.
  Publisher(net::Loop& loop, const std::vector<std::string>& peers, const rpc::Security& security,
            prometheus::Registry& registry);
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// Returns at once. After the commit, never before. committedAt is filled in where it is 0.
  void publish(MailboxChange change);

  /// Before the end: waits for the calls that are under way.
  Task<> drained();

 private:
  struct Peer;
  Task<> send(Peer& peer);

  net::Loop& loop_;
  prometheus::Counter& published_;
  std::vector<std::unique_ptr<Peer>> peers_;
  TaskGroup calls_;
};

}  // namespace posthouse::events
