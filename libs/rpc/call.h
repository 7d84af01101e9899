#pragma once
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <functional>
#include <utility>

#include "async/completion.h"
#include "async/task.h"
#include "net/loop.h"

namespace posthouse::rpc {

/// A unary call, awaited on the loop. Always ends: at the latest by `deadline`, with DEADLINE_EXCEEDED.
///   co_await rpc::unary(loop, 2s, request, response,
///                       [&](auto*... call, auto done) { stub.async()->Authenticate(call..., std::move(done)); });
template <class Request, class Response, class Start>
Task<grpc::Status> unary(net::Loop& loop, std::chrono::milliseconds deadline, const Request& request,
                         Response& response, Start start) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  Completion<grpc::Status> ended;
  start(&context, &request, &response, [&loop, &ended](grpc::Status status) {
    loop.post([&ended, status = std::move(status)]() mutable { ended.complete(std::move(status)); });
  });
  co_return co_await ended;
}

/// As unary, for a call that may be made twice and that a person waits for: a server that is just being started again
/// is asked once more for two seconds, instead of telling him that it is away.
template <class Request, class Response, class Start>
Task<grpc::Status> unaryPatiently(net::Loop& loop, std::chrono::milliseconds deadline, const Request& request,
                                  Response& response, Start start) {
  constexpr std::chrono::seconds kRestart{2};
  constexpr std::chrono::milliseconds kPause{100};
  const auto end = std::chrono::steady_clock::now() + kRestart;
  for (;;) {
    grpc::Status status = co_await unary(loop, deadline, request, response, start);
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE || std::chrono::steady_clock::now() > end)
      co_return status;
    co_await loop.sleep(kPause);
  }
}

/// The client's side of a stream of requests. gRPC calls it on threads of its own; it tells the loop.
template <class Request>
class UploadReactor final : public grpc::ClientWriteReactor<Request> {
 public:
  explicit UploadReactor(net::Loop& loop) : loop_(loop) {}

  Task<bool> write(const Request& request) {
    Completion<bool> written;
    written_ = &written;
    this->StartWrite(&request);
    co_return co_await written;
  }

  /// The last one, which goes with the end of the stream; `request` must live until `ended`.
  void writeLast(const Request& request) { this->StartWriteLast(&request, {}); }

  Completion<grpc::Status> ended;

 private:
  void OnWriteDone(bool ok) override {
    if (written_ == nullptr) return;  // the last: what comes of it is told by OnDone
    loop_.post([this, ok] { std::exchange(written_, nullptr)->complete(ok); });
  }
  void OnDone(const grpc::Status& status) override {
    loop_.post([this, status] { ended.complete(status); });
  }

  net::Loop& loop_;
  Completion<bool>* written_ = nullptr;
};

/// A call that sends many requests and gets one response. `next` fills the next request or says that there is none; it
/// is called on the loop, one request ahead, so that the last goes out together with the end of the stream, and a
/// single one with the beginning, too. Ends early when the server does.
///   co_await rpc::upload<CheckRequest>(loop, 20s, response, next, [&](auto*... call) { stub.async()->Check(call...);
///   });
template <class Request, class Response, class Start>
Task<grpc::Status> upload(net::Loop& loop, std::chrono::milliseconds deadline, Response& response,
                          std::function<bool(Request&)> next, Start start) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + deadline);
  context.set_initial_metadata_corked(true);
  UploadReactor<Request> reactor(loop);
  start(&context, &response, static_cast<grpc::ClientWriteReactor<Request>*>(&reactor));
  reactor.AddHold();  // writes begin outside of its callbacks
  reactor.StartCall();
  Request request;
  Request following;
  bool isLast = !next(request);
  if (isLast) reactor.StartWritesDone();
  while (!isLast) {
    isLast = !next(following);
    if (isLast) {
      reactor.writeLast(request);
      break;
    }
    if (!co_await reactor.write(request)) break;
    std::swap(request, following);
    following.Clear();
  }
  reactor.RemoveHold();
  co_return co_await reactor.ended;
}

}  // namespace posthouse::rpc
