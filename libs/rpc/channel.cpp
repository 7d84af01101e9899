#include "rpc/channel.h"

#include <grpcpp/create_channel.h>

#include <vector>

#include "rpc/call_metrics.h"

namespace posthouse::rpc {

namespace {

grpc::ChannelArguments argumentsFor(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  // How long one attempt to connect may take, TLS handshake included; no pause, whatever its name says.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // One connection for each channel object: programs make one a peer, and share it.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetLoadBalancingPolicyName("round_robin");
  if (!address.starts_with("unix:")) {
    // A machine that is gone sends no reset. See Server::start for the other side.
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5000);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  }
  return arguments;
}

}  // namespace

std::shared_ptr<grpc::Channel> channel(const std::string& address, const Security& security) {
  return grpc::CreateCustomChannel(address, channelCredentials(address, security), argumentsFor(address));
}

std::shared_ptr<grpc::Channel> channel(const std::string& address, const Security& security,
                                       prometheus::Registry& registry, const std::string& service,
                                       const std::string& serverName) {
  grpc::ChannelArguments arguments = argumentsFor(address);
  if (!serverName.empty()) arguments.SetSslTargetNameOverride(serverName);
  std::vector<std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>> interceptors;
  interceptors.push_back(measureCalls(registry, service));
  return grpc::experimental::CreateCustomChannelWithInterceptors(address, channelCredentials(address, security),
                                                                 arguments, std::move(interceptors));
}

}  // namespace posthouse::rpc
