#pragma once
#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "async/completion.h"
#include "async/task.h"
#include "net/loop.h"

namespace posthouse::rpc {

namespace detail {

/// Runs a handler to its end and gives its status to the reactor; an exception becomes INTERNAL with its text.
struct Handled {
  struct promise_type {
    Handled get_return_object() noexcept { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() noexcept {}
    void unhandled_exception() noexcept { std::terminate(); }
  };
};

template <class Reactor>
Handled handle(Task<grpc::Status> handler, Reactor* reactor) {
  grpc::Status status;
  try {
    status = co_await std::move(handler);
  } catch (const std::exception& error) {
    status = grpc::Status(grpc::StatusCode::INTERNAL, error.what());
  }
  reactor->Finish(std::move(status));  // the reactor may be gone from here on
}

}  // namespace detail

/// Serves a unary call: `handler()` makes a Task<grpc::Status> that runs on the loop; request and response stay until
/// it ends. A call whose client has gone, or whose deadline has passed, before its turn on the loop costs no work. The
/// service and the loop must outlive the Server.
template <class Handler>
grpc::ServerUnaryReactor* answer(net::Loop& loop, grpc::CallbackServerContext* context, Handler handler) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  loop.post([handler = std::move(handler), context, reactor]() mutable {
    if (context->IsCancelled()) return reactor->Finish({grpc::StatusCode::CANCELLED, "the client did not wait"});
    detail::handle(handler(), reactor);
  });
  return reactor;
}

/// What a client streams to us: co_await next() on the loop until it is nothing.
template <class Request>
class Upload final : public grpc::ServerReadReactor<Request> {
 public:
  explicit Upload(net::Loop& loop) : loop_(loop) {}

  /// The next request; nothing when the client has sent its last, or has gone (context.IsCancelled()).
  Task<std::optional<Request>> next() {
    Completion<bool> read;
    read_ = &read;
    this->StartRead(&request_);
    const bool more = co_await read;
    if (!more) co_return std::nullopt;
    co_return std::move(request_);
  }

 private:
  void OnReadDone(bool ok) override {
    loop_.post([this, ok] { std::exchange(read_, nullptr)->complete(ok); });
  }
  void OnDone() override { delete this; }

  net::Loop& loop_;
  Request request_;
  Completion<bool>* read_ = nullptr;
};

/// Serves a call whose client streams: `handler(upload)` makes a Task<grpc::Status>.
template <class Request, class Handler>
grpc::ServerReadReactor<Request>* answerUpload(net::Loop& loop, Handler handler) {
  auto* upload = new Upload<Request>(loop);
  loop.post([handler = std::move(handler), upload]() mutable { detail::handle(handler(*upload), upload); });
  return upload;
}

/// What we stream to a client.
template <class Response>
class Download final : public grpc::ServerWriteReactor<Response> {
 public:
  explicit Download(net::Loop& loop) : loop_(loop) {}

  /// False when the client has gone.
  Task<bool> write(const Response& response) {
    Completion<bool> written;
    written_ = &written;
    this->StartWrite(&response);
    co_return co_await written;
  }

 private:
  void OnWriteDone(bool ok) override {
    loop_.post([this, ok] { std::exchange(written_, nullptr)->complete(ok); });
  }
  void OnDone() override { delete this; }

  net::Loop& loop_;
  Completion<bool>* written_ = nullptr;
};

/// Serves a call that streams its answer: `handler(download)` makes a Task<grpc::Status>.
template <class Response, class Handler>
grpc::ServerWriteReactor<Response>* answerStream(net::Loop& loop, Handler handler) {
  auto* download = new Download<Response>(loop);
  loop.post([handler = std::move(handler), download]() mutable { detail::handle(handler(*download), download); });
  return download;
}

/// Both at once: one coroutine reads and writes in turn, or two do, one each.
template <class Request, class Response>
class Exchange final : public grpc::ServerBidiReactor<Request, Response> {
 public:
  explicit Exchange(net::Loop& loop) : loop_(loop) {}

  Task<std::optional<Request>> next() {
    Completion<bool> read;
    read_ = &read;
    this->StartRead(&request_);
    const bool more = co_await read;
    if (!more) co_return std::nullopt;
    co_return std::move(request_);
  }

  Task<bool> write(const Response& response) {
    Completion<bool> written;
    written_ = &written;
    this->StartWrite(&response);
    co_return co_await written;
  }

 private:
  void OnReadDone(bool ok) override {
    loop_.post([this, ok] { std::exchange(read_, nullptr)->complete(ok); });
  }
  void OnWriteDone(bool ok) override {
    loop_.post([this, ok] { std::exchange(written_, nullptr)->complete(ok); });
  }
  void OnDone() override { delete this; }

  net::Loop& loop_;
  Request request_;
  Completion<bool>* read_ = nullptr;
  Completion<bool>* written_ = nullptr;
};

/// Serves a call that streams both ways: `handler(exchange)` makes a Task<grpc::Status>.
template <class Request, class Response, class Handler>
grpc::ServerBidiReactor<Request, Response>* answerExchange(net::Loop& loop, Handler handler) {
  auto* exchange = new Exchange<Request, Response>(loop);
  loop.post([handler = std::move(handler), exchange]() mutable { detail::handle(handler(*exchange), exchange); });
  return exchange;
}

}  // namespace posthouse::rpc
