#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "net/loop.h"
#include "net/socket_file.h"
#include "rpc/security.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace prometheus {
class Registry;
}

namespace posthouse::rpc {

/// The gRPC server of a program: its services, the standard health service (grpc.health.v1) and reflection.
class Server {
 public:
  explicit Server(net::Loop& loop);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Before start(). The service must outlive the server. `name` is what the health service calls it:
  /// mail::v1::Accounts::service_full_name().
  void add(grpc::Service& service, std::string name) { services_.emplace_back(std::move(name), &service); }

  /// Before start(). Metrics: grpc_server_handled_total, grpc_server_handling_seconds.
  void measure(prometheus::Registry& registry) { registry_ = &registry; }

  /// Listens on "unix:/path" or "host:port". Throws std::runtime_error that names the address.
  void start(const std::string& address, const Security& security);

  /// Over TCP: where it listens (the port asked for may have been 0).
  int port() const noexcept { return port_; }

  /// What the health service says of each service and of all together (""): NOT_SERVING is the first thing in a drain.
  void setServing(bool serving);

  /// Takes no new calls, waits for those that run, cancels them after `patience`.
  Task<> close(std::chrono::milliseconds patience);

 private:
  net::Loop& loop_;
  std::vector<std::pair<std::string, grpc::Service*>> services_;
  prometheus::Registry* registry_ = nullptr;
  int port_ = 0;
  net::SocketFile socketFile_;
  std::unique_ptr<grpc::Server> server_;
  bool serving_ = false;  // as the health service says
};

}  // namespace posthouse::rpc
