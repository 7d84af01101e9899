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
#include "observe/readiness.h"

namespace posthouse::observe {

/// The admin port: GET /metrics (Prometheus text), /healthz (the loop answers, nothing else), /readyz (200, or 503 with
/// the reasons) and /version. HTTP/1.1 (RFC 9112), one request a connection, for the cluster's inside only.
class AdminHttp {
 public:
  /// `metrics` are collected for each scrape; they must outlive this.
  AdminHttp(net::Loop& loop, const net::Address& address, std::vector<const prometheus::Collectable*> metrics,
            const Readiness& readiness, std::string version);

  const net::Address& address() const noexcept { return listener_->address(); }
  /// Stops listening and ends what is open.
  Task<> close();

 private:
  struct Response {
    int status;
    std::string type;
    std::string body;
  };

  Task<> serve(std::unique_ptr<net::ByteStream> client);
  Task<std::optional<std::string>> readRequest(net::LineStream& stream, const net::Patience& patience);
  Response answer(const std::string& requestLine) const;

  net::Loop& loop_;
  std::vector<const prometheus::Collectable*> metrics_;
  const Readiness& readiness_;
  std::string version_;
  std::stop_source stop_;
  TaskGroup requests_;
  std::unique_ptr<net::TcpListener> listener_;
};

}  // namespace posthouse::observe
