#pragma once
#include <prometheus/collectable.h>

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "net/address.h"
#include "net/line_stream.h"
#include "net/loop.h"
#include "net/tcp_listener.h"
#include "observe/http_message.h"
#include "observe/readiness.h"

namespace posthouse::observe {

/// The admin port: GET /metrics (Prometheus text), /startupz and /healthz (the loop answers, nothing else), /readyz
/// (200, or 503 with the reasons, one a line or with ?verbose as a list in JSON), /version and /debug/config. HTTP/1.1
/// (RFC 9112), one request a connection, for the cluster's inside only.
class AdminHttp {
 public:
  /// What there is to say that does not change.
  struct About {
    std::string version;
    std::string configuration;  // without secrets
  };

  /// Once all else is open: /startupz says yes as soon as it can be asked. `metrics` are collected for each scrape;
  /// they must outlive this.
  AdminHttp(net::Loop& loop, const net::Address& address, std::vector<const prometheus::Collectable*> metrics,
            const Readiness& readiness, About about);

  const net::Address& address() const noexcept { return listener_->address(); }
  /// Stops listening and ends what is open.
  Task<> close();

 private:
  Task<> serve(std::unique_ptr<net::ByteStream> client);
  Task<std::optional<std::string>> readRequest(net::LineStream& stream, const net::Patience& patience);
  HttpResponse answer(const std::optional<RequestLine>& request) const;
  HttpResponse readiness(bool verbose) const;

  net::Loop& loop_;
  std::vector<const prometheus::Collectable*> metrics_;
  const Readiness& readiness_;
  About about_;
  std::stop_source stop_;
  TaskGroup requests_;
  std::unique_ptr<net::TcpListener> listener_;
};

}  // namespace posthouse::observe
