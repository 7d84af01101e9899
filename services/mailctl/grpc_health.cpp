// grpc.health.v1.Health/Check. Debian ships no health.proto; the two messages are small enough to be spelled out:
// HealthCheckRequest{} is no octets, HealthCheckResponse{status: SERVING} is 08 01.
#include "grpc_health.h"

#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <chrono>
#include <vector>

namespace posthouse::mailctl {
namespace {

std::string octets(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return {};
  std::string octets;
  for (const grpc::Slice& slice : slices) octets.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return octets;
}

}  // namespace

std::optional<std::string> grpcObjection(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(3));
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::Slice nothing;
  grpc::ByteBuffer request(&nothing, 1);
  grpc::ByteBuffer response;
  grpc::Status status;
  const auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool finished = false;
  queue.Next(&tag, &finished);
  if (!status.ok()) return status.error_message();
  if (octets(response) != std::string("\x08\x01", 2)) return "it says that it does not serve now";
  return std::nullopt;
}

}  // namespace posthouse::mailctl
