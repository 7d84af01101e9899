#include "rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <mutex>
#include <thread>

#include "async/completion.h"
#include "rpc/call_metrics.h"

namespace posthouse::rpc {

namespace {

/// Process-wide switches of gRPC, which must be set before the first server is built.
void enablePlugins() {
  static std::once_flag once;
  std::call_once(once, [] {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  });
}

}  // namespace

Server::Server(net::Loop& loop) : loop_(loop) {}

Server::~Server() {
  if (!server_) return;
  socketFile_.remove();
  server_->Shutdown(std::chrono::system_clock::now());
}

void Server::start(const std::string& address, const Security& security) {
  enablePlugins();
  grpc::ServerBuilder builder;
  const bool isUnix = address.starts_with("unix:");
  const std::string path = isUnix ? address.substr(5) : "";
  // At its end gRPC unlinks what it was told to bind, even if it is another process's by then: so it knows only a name
  // that is gone once the socket has its own.
  const std::string bound = isUnix ? path + "." + std::to_string(getpid()) : "";
  builder.AddListeningPort(isUnix ? "unix:" + bound : address, serverCredentials(address, security),
                           isUnix ? nullptr : &port_);
  for (const auto& [name, service] : services_) builder.RegisterService(service);
  // Peers ask every 20 s whether we are there (see channel.cpp); more often than every 10 s is a fault of theirs.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  if (registry_ != nullptr) {
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> interceptors;
    std::vector<std::string> names;
    for (const auto& [name, service] : services_) names.push_back(name);
    interceptors.push_back(measureAnswers(*registry_, names));
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
  }
  server_ = builder.BuildAndStart();
  if (!server_ || (!isUnix && port_ == 0))
    throw std::runtime_error("cannot serve gRPC on " + address + ": in use, or the folder may not be written");
  // The socket's permissions are who may call: its owner and group.
  if (isUnix) {
    chmod(bound.c_str(), 0660);
    std::filesystem::rename(bound, path);
    socketFile_ = net::SocketFile(path);
  }
  setServing(true);
}

void Server::setServing(bool serving) {
  if (!server_ || std::exchange(serving_, serving) == serving) return;
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  for (const auto& [name, service] : services_) health->SetServingStatus(name, serving);
  health->SetServingStatus("", serving);
}

Task<> Server::close(std::chrono::milliseconds patience) {
  if (!server_) co_return;
  socketFile_.remove();
  // Shutdown blocks until the handlers have ended, and they run on the loop: so it waits on a thread.
  Event closed;
  std::thread waiter([this, &closed, patience] {
    server_->Shutdown(std::chrono::system_clock::now() + patience);
    loop_.post([&closed] { closed.set(); });
  });
  co_await closed;
  waiter.join();
  server_.reset();
}

}  // namespace posthouse::rpc
