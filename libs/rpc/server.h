#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "async/task.h"
#include "net/loop.h"
#include "rpc/security.h"

namespace grpc {
class Server;
class Service;
}  // namespace grpc

namespace posthouse::rpc {

/// The gRPC server of a program: its services, the standard health service (grpc.health.v1) and reflection.
class Server {
 public:
  explicit Server(net::Loop& loop);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  /// Before start(). The service must outlive the server.
  void add(grpc::Service& service) { services_.push_back(&service); }

  /// Listens on "unix:/path" or "host:port". Throws std::runtime_error that names the address.
  void start(const std::string& address, const Security& security);

  /// What the health service says: NOT_SERVING is the first thing in a drain.
  void setServing(bool serving);

  /// Takes no new calls, waits for those that run, cancels them after `patience`.
  Task<> close(std::chrono::milliseconds patience);

 private:
  net::Loop& loop_;
  std::vector<grpc::Service*> services_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace posthouse::rpc
