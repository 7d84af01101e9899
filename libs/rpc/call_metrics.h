#pragma once
#include <grpcpp/support/client_interceptor.h>
#include <grpcpp/support/server_interceptor.h>
#include <prometheus/registry.h>

#include <memory>
#include <span>
#include <string>

namespace posthouse::rpc {

/// Counts and times every call of a channel: grpc_client_handled_total by service, method and code, and
/// grpc_client_handling_seconds. The names are those that dashboards for gRPC know. The series of the methods of
/// `service` ("mail.v1.Accounts") are there from the start.
std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> measureCalls(prometheus::Registry& registry,
                                                                                    const std::string& service);

/// The same of what a server answers: grpc_server_handled_total, grpc_server_handling_seconds. The same
/// holds for the methods of `services`.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> measureAnswers(
    prometheus::Registry& registry, std::span<const std::string> services);

}  // namespace posthouse::rpc
