#pragma once
#include <prometheus/registry.h>

#include <functional>
#include <memory>

#include "events/change.h"
#include "net/loop.h"

namespace grpc {
class Service;
}

namespace posthouse::events {

/// Receives what others publish: a gRPC service for the program's server.
class Subscriber {
 public:
  using OnChange = std::function<void(const MailboxChange&)>;

  /// `onChange` is called on the loop. Metrics: posthouse_events_received_total, posthouse_event_delivery_seconds.
  Subscriber(net::Loop& loop, OnChange onChange, prometheus::Registry& registry);
  ~Subscriber();

  grpc::Service& service() noexcept;
  static constexpr const char* kServiceName = "mail.v1.Events";

 private:
  class Service;
  std::unique_ptr<Service> service_;
};

}  // namespace posthouse::events
