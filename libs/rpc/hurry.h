#pragma once
#include <grpcpp/client_context.h>

#include "net/timeouts.h"

namespace posthouse::rpc {

/// Ends a call that takes too long: armed on the loop's timeouts for as long as something of it is waited for.
class Hurry final : public net::Timeouts::Entry {
 public:
  explicit Hurry(grpc::ClientContext& context) : context_(context) {}

 private:
  void expired() override { context_.TryCancel(); }
  grpc::ClientContext& context_;
};

}  // namespace posthouse::rpc
