#pragma once
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "events/change.h"
#include "events/name_lookup.h"
#include "net/loop.h"
#include "rpc/security.h"

namespace posthouse::events {

/// Tells every program with sessions what was committed. What changes in one turn of the loop, or while a call to a
/// peer is under way and for a moment after it, travels together in one call: a call costs more than a change.
class Publisher {
 public:
  /// `peers`: gRPC addresses ("unix:/path", "host:port"); every address of a DNS name is told, and shows a certificate
  /// for the name. Metric: posthouse_events_published_total.
  Publisher(net::Loop& loop, const std::vector<std::string>& peers, const rpc::Security& security,
            prometheus::Registry& registry, NameLookup names = {});
  ~Publisher();
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// Returns at once. After the commit, never before. committedAt is filled in where it is 0.
  void publish(MailboxChange change);

  /// Before the end: waits for the calls that are under way.
  Task<> drained();

 private:
  struct Peer;
  using ByAddress = std::map<std::string, std::shared_ptr<Peer>>;

  Task<> follow(std::string name, ByAddress& peers);
  void adopt(const std::string& name, const std::vector<std::string>& addresses, ByAddress& peers);
  std::shared_ptr<Peer> makePeer(const std::string& address, const std::string& name) const;
  Task<> send(std::shared_ptr<Peer> peer);

  net::Loop& loop_;
  const rpc::Security security_;
  prometheus::Registry& registry_;
  const NameLookup names_;
  prometheus::Counter& published_;
  std::map<std::string, ByAddress> peers_;  // by what the configuration calls them; nodes stay where they are
  std::stop_source stop_;
  TaskGroup followers_;
  TaskGroup calls_;
};

}  // namespace posthouse::events
