#pragma once
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "async/completion.h"
#include "async/task.h"
#include "net/loop.h"
#include "rpc/client_stream.h"
#include "rpc/hurry.h"

namespace posthouse::rpc {

/// The client's side of a call in which requests and responses take turns.
template <class Request, class Response>
class Conversation final : public ClientStream<Request, Response> {
 public:
  using ClientStream<Request, Response>::ClientStream;

  /// The response to a request; nothing when the server has ended the call, or took longer than `patience`.
  Task<std::optional<Response>> ask(const Request& request, std::chrono::milliseconds patience) {
    Completion<bool> read;
    Completion<bool> written;
    this->beginRead(read);
    this->beginWrite(request, written);
    Hurry hurry(this->context_);
    this->loop_.timeouts().arm(hurry, patience);
    const bool came = co_await read;
    co_await written;
    if (!came) co_return std::nullopt;
    co_return std::move(this->response_);
  }

  /// Whether the server says one thing more before it ends the call.
  Task<bool> isLeftUnheard() {
    Completion<bool> read;
    this->beginRead(read);
    co_return co_await read;
  }
};

/// A call that is a conversation: `talk` makes a Task<> that asks; what it has not heard to the end is cancelled.
/// Throws what `talk` throws, once the call is over. Always ends: at the latest by `deadline`.
///   co_await rpc::converse<ExchangeRequest, ExchangeResponse>(loop, 10min,
///       [&](auto*... call) { stub.async()->Exchange(call...); },
///       [&](rpc::Conversation<ExchangeRequest, ExchangeResponse>& call) -> Task<> { ... });
template <class Request, class Response, class Start, class Talk>
Task<grpc::Status> converse(net::Loop& loop, std::chrono::milliseconds deadline, Start start, Talk talk) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  context.set_initial_metadata_corked(true);
  Conversation<Request, Response> call(loop, context);
  start(&context, static_cast<grpc::ClientBidiReactor<Request, Response>*>(&call));
  call.AddHold();  // writes begin outside of its callbacks
  call.StartCall();
  std::exception_ptr failure;
  try {
    co_await talk(call);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) context.TryCancel();
  call.StartWritesDone();
  // A status does not come past a response that nobody reads.
  if (!failure && co_await call.isLeftUnheard()) context.TryCancel();
  call.RemoveHold();
  grpc::Status status = co_await call.ended;
  if (failure) std::rethrow_exception(failure);
  co_return status;
}

}  // namespace posthouse::rpc
