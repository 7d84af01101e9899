#pragma once
#include <grpcpp/create_channel.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "mail/admin/v1/daemon.grpc.pb.h"
#include "mail/v1/account.grpc.pb.h"
#include "observe/log.h"
#include "rpc/answer.h"
#include "rpc/call.h"
#include "rpc/channel.h"
#include "rpc/core_log.h"
#include "rpc/server.h"

namespace posthouse::test {

/// A server that answers whatever it is asked, with a log of its own.
class AnsweringServer {
 public:
  explicit AnsweringServer(const rpc::Security& security, std::string address = "localhost:0")
      : address_(std::move(address)) {
    if (pipe(ends_) != 0) throw std::runtime_error("no pipe");
    sink_ = std::make_unique<observe::LogSink>(ends_[1], registry_);
    coreLog_ = std::make_unique<rpc::CoreLog>(observe::Log(*sink_, "accountd", "test"));
    server_.add(accounts_, mail::v1::Accounts::service_full_name());
    server_.add(admin_, mail::admin::v1::Daemon::service_full_name());
    server_.measure(registry_);
    server_.start(address_, security);
    if (server_.port() != 0) address_ = "localhost:" + std::to_string(server_.port());
  }
  ~AnsweringServer() {
    loop_.runUntilDone(server_.close(std::chrono::seconds(5)));
    coreLog_.reset();
    sink_.reset();
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }

  const std::string& address() const noexcept { return address_; }
  prometheus::Registry& registry() { return registry_; }

  grpc::Status ask(const rpc::Security& client) {
    return askBy(rpc::channel(address(), client, registry_, mail::v1::Accounts::service_full_name()));
  }
  grpc::Status askBy(const std::shared_ptr<grpc::Channel>& channel) {
    const auto stub = mail::v1::Accounts::NewStub(channel);
    mail::v1::ResolveRequest request;
    mail::v1::ResolveResponse response;
    return call(request, response, [&](auto* context, auto* asked, auto* answer, auto done) {
      stub->async()->Resolve(context, asked, answer, std::move(done));
    });
  }
  grpc::Status administer(const rpc::Security& client) {
    const auto stub = mail::admin::v1::Daemon::NewStub(rpc::channel(address(), client));
    mail::admin::v1::GetStatusRequest request;
    mail::admin::v1::Status response;
    return call(request, response, [&](auto* context, auto* asked, auto* answer, auto done) {
      stub->async()->GetStatus(context, asked, answer, std::move(done));
    });
  }

  void setServing(bool serving) { server_.setServing(serving); }

  /// A call whose client has gone when the loop comes to it: until then, only gRPC's threads run.
  void giveUpBeforeItsTurn() {
    const auto stub = mail::v1::Accounts::NewStub(rpc::channel(address(), {}));
    grpc::ClientContext context;
    const mail::v1::ResolveRequest request;
    mail::v1::ResolveResponse response;
    std::atomic<bool> ended = false;
    stub->async()->Resolve(&context, &request, &response, [&ended](const grpc::Status&) { ended = true; });
    const auto hasEnded = [&ended] { return ended.load(); };
    const auto sleepUntil = [](const auto& question) {
      while (!question()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    };
    sleepUntil([this] { return accounts_.came.load() != nullptr; });
    context.TryCancel();
    sleepUntil(hasEnded);
    sleepUntil([this] { return accounts_.came.load()->IsCancelled(); });
    loop_.runUntilDone(loop_.yield());
  }
  /// How many calls had a handler run for them.
  int answered() const noexcept { return accounts_.answered; }

  /// False if it did not come about in half a minute.
  bool eventually(const std::function<bool()>& question) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!question()) {
      if (std::chrono::steady_clock::now() > end) return false;
      loop_.runUntilDone(loop_.sleep(std::chrono::milliseconds(50)));
    }
    return true;
  }

  /// Ends the log and gives what it wrote.
  std::string logged() {
    coreLog_.reset();
    sink_.reset();
    ::close(std::exchange(ends_[1], -1));
    std::string text(65536, '\0');
    const ssize_t count = ::read(ends_[0], text.data(), text.size());
    text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, count)));
    return text;
  }

 private:
  struct Accounts final : mail::v1::Accounts::CallbackService {
    explicit Accounts(net::Loop& on) : loop(on) {}
    grpc::ServerUnaryReactor* Resolve(grpc::CallbackServerContext* context, const mail::v1::ResolveRequest*,
                                      mail::v1::ResolveResponse*) override {
      came = context;
      return rpc::answer(loop, context, [this] {
        ++answered;
        return ok();
      });
    }
    net::Loop& loop;
    std::atomic<grpc::CallbackServerContext*> came = nullptr;  // set on gRPC's threads
    int answered = 0;
  };
  struct Admin final : mail::admin::v1::Daemon::CallbackService {
    explicit Admin(net::Loop& on) : loop(on) {}
    grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context, const mail::admin::v1::GetStatusRequest*,
                                        mail::admin::v1::Status*) override {
      return rpc::answer(loop, context, [] { return ok(); });
    }
    net::Loop& loop;
  };
  static Task<grpc::Status> ok() { co_return grpc::Status::OK; }

  template <class Request, class Response, class Start>
  grpc::Status call(const Request& request, Response& response, Start start) {
    return loop_.runUntilDone(rpc::unary(loop_, std::chrono::seconds(10), request, response, start));
  }

  std::string address_;
  int ends_[2];
  prometheus::Registry registry_;
  std::unique_ptr<observe::LogSink> sink_;
  std::unique_ptr<rpc::CoreLog> coreLog_;
  net::Loop loop_;
  Accounts accounts_{loop_};
  Admin admin_{loop_};
  rpc::Server server_{loop_};
};

}  // namespace posthouse::test
