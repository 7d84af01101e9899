#pragma once
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <optional>
#include <utility>

#include "async/completion.h"
#include "async/task.h"
#include "net/loop.h"
#include "rpc/client_stream.h"
#include "rpc/hurry.h"

namespace posthouse::rpc {

/// The client's side of a call in which both sides speak when they have something to say: one coroutine reads, one
/// writes.
template <class Request, class Response>
class Duplex final : public ClientStream<Request, Response> {
 public:
  using ClientStream<Request, Response>::ClientStream;

  /// What the server says next; nothing when the call is over, or it has been silent for longer than `patience`.
  Task<std::optional<Response>> next(std::chrono::milliseconds patience) {
    Completion<bool> read;
    this->beginRead(read);
    Hurry hurry(this->context_);
    this->loop_.timeouts().arm(hurry, patience);
    const bool came = co_await read;
    if (!came) co_return std::nullopt;
    co_return std::move(this->response_);
  }

  /// False when the call is over, or has taken nothing for longer than `patience`.
  Task<bool> write(const Request& request, std::chrono::milliseconds patience) {
    Completion<bool> written;
    this->beginWrite(request, written);
    Hurry hurry(this->context_);
    this->loop_.timeouts().arm(hurry, patience);
    co_return co_await written;
  }

  /// Reads and writes that wait are over; none begins any more.
  void cancel() { this->context_.TryCancel(); }
};

/// A call that is held open for as long as `talk`, which makes a Task<> that reads and writes; then it is cancelled.
/// What `talk` waits for is bounded by itself. It throws nothing.
template <class Request, class Response, class Start, class Talk>
Task<grpc::Status> duplex(net::Loop& loop, Start start, Talk talk) {
  grpc::ClientContext context;
  Duplex<Request, Response> call(loop, context);
  start(&context, static_cast<grpc::ClientBidiReactor<Request, Response>*>(&call));
  call.AddHold();  // reads and writes begin outside of its callbacks
  call.StartCall();
  co_await talk(call);
  call.cancel();
  call.RemoveHold();
  co_return co_await call.ended;
}

}  // namespace posthouse::rpc
