#pragma once
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/status.h>

#include <utility>

#include "async/completion.h"
#include "net/loop.h"

namespace posthouse::rpc {

/// What the client's sides of calls that stream both ways have in common: gRPC calls them on threads of its own, and
/// they tell the loop.
template <class Request, class Response>
class ClientStream : public grpc::ClientBidiReactor<Request, Response> {
 public:
  ClientStream(net::Loop& loop, grpc::ClientContext& context) : loop_(loop), context_(context) {}

  Completion<grpc::Status> ended;

 protected:
  /// The response is in response_ once it is complete with true.
  void beginRead(Completion<bool>& read) {
    read_ = &read;
    this->StartRead(&response_);
  }
  void beginWrite(const Request& request, Completion<bool>& written) {
    written_ = &written;
    this->StartWrite(&request);
  }

  net::Loop& loop_;
  grpc::ClientContext& context_;
  Response response_;

 private:
  void OnReadDone(bool ok) override {
    loop_.post([this, ok] { std::exchange(read_, nullptr)->complete(ok); });
  }
  void OnWriteDone(bool ok) override {
    loop_.post([this, ok] { std::exchange(written_, nullptr)->complete(ok); });
  }
  void OnDone(const grpc::Status& status) override {
    loop_.post([this, status] { ended.complete(status); });
  }

  Completion<bool>* read_ = nullptr;
  Completion<bool>* written_ = nullptr;
};

}  // namespace posthouse::rpc
