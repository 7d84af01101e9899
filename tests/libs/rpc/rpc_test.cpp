#include <unistd.h>
#include <catch2/catch.hpp>

#include "mail/v1/account.grpc.pb.h"
#include "mail/v1/filter.grpc.pb.h"
#include "rpc/answer.h"
#include "rpc/call.h"
#include "rpc/channel.h"
#include "rpc/server.h"

using namespace posthouse;
using namespace std::chrono_literals;

namespace {

/// Resolves every address to itself, "slow" never, "bad" with an exception.
class Accounts final : public mail::v1::Accounts::CallbackService {
 public:
  explicit Accounts(net::Loop& loop) : loop_(loop) {}
  std::stop_source stop;

  grpc::ServerUnaryReactor* Resolve(grpc::CallbackServerContext* context, const mail::v1::ResolveRequest* request,
                                    mail::v1::ResolveResponse* response) override {
    return rpc::answer(loop_, context, [this, request, response] { return resolve(*request, *response); });
  }

 private:
  Task<grpc::Status> resolve(const mail::v1::ResolveRequest& request, mail::v1::ResolveResponse& response) {
    if (request.address() == "bad") throw std::runtime_error("the database is on fire");
    if (request.address() == "slow") co_await loop_.sleep(1h, stop.get_token());
    response.add_accounts()->set_address(request.address());
    co_return grpc::Status::OK;
  }
  net::Loop& loop_;
};

/// Says in `reply` how many octets came in how many pieces; refuses at once what is called "early".
class Filter final : public mail::v1::Filter::CallbackService {
 public:
  explicit Filter(net::Loop& loop) : loop_(loop) {}

  grpc::ServerReadReactor<mail::v1::CheckRequest>* Check(grpc::CallbackServerContext*,
                                                         mail::v1::CheckResponse* response) override {
    return rpc::answerUpload<mail::v1::CheckRequest>(
        loop_, [this, response](auto& upload) { return check(upload, *response); });
  }

 private:
  Task<grpc::Status> check(rpc::Upload<mail::v1::CheckRequest>& upload, mail::v1::CheckResponse& response) {
    std::size_t octets = 0, pieces = 0;
    while (auto request = co_await upload.next()) {
      if (request->envelope().queue_id() == "early") co_return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "no");
      octets += request->content().size();
      ++pieces;
    }
    response.set_reply(std::to_string(octets) + " in " + std::to_string(pieces));
    co_return grpc::Status::OK;
  }
  net::Loop& loop_;
};

struct Fixture {
  net::Loop loop;
  Accounts accounts{loop};
  Filter filter{loop};
  rpc::Server server{loop};
  std::string address = "unix:/tmp/posthouse-rpc-test-" + std::to_string(getpid());
  rpc::Security security;
  std::shared_ptr<grpc::Channel> channel = rpc::channel(address, security);

  Fixture() {
    server.add(accounts, mail::v1::Accounts::service_full_name());
    server.add(filter, mail::v1::Filter::service_full_name());
    server.start(address, security);
  }
  ~Fixture() {
    accounts.stop.request_stop();
    loop.runUntilDone(server.close(5s));
  }

  grpc::Status resolve(const std::string& address, std::chrono::milliseconds deadline,
                       mail::v1::ResolveResponse& response) {
    mail::v1::ResolveRequest request;
    request.set_address(address);
    const auto stub = mail::v1::Accounts::NewStub(channel);
    return loop.runUntilDone(
        rpc::unary(loop, deadline, request, response, [&](auto* context, auto* asked, auto* answer, auto done) {
          stub->async()->Resolve(context, asked, answer, std::move(done));
        }));
  }
};

}  // namespace

TEST_CASE("a unary call is awaited on the loop on both sides", "[rpc]") {
  Fixture fixture;
  mail::v1::ResolveResponse response;
  CHECK(fixture.resolve("alice@mail.test", 5s, response).ok());
  CHECK(response.accounts(0).address() == "alice@mail.test");

  const grpc::Status failed = fixture.resolve("bad", 5s, response);
  CHECK(failed.error_code() == grpc::StatusCode::INTERNAL);
  CHECK(failed.error_message() == "the database is on fire");

  CHECK(fixture.resolve("slow", 50ms, response).error_code() == grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_CASE("a message is uploaded in pieces, and a server may end it early", "[rpc]") {
  Fixture fixture;
  const auto stub = mail::v1::Filter::NewStub(fixture.channel);
  const std::string queueId = GENERATE("normal", "early");
  mail::v1::CheckResponse response;
  int sent = 0;
  std::function<bool(mail::v1::CheckRequest&)> next = [&](mail::v1::CheckRequest& request) {
    if (sent == 0) {
      request.mutable_envelope()->set_queue_id(queueId);
    } else {
      request.set_content(std::string(65536, 'x'));
    }
    return sent++ < 50;
  };
  const grpc::Status status = fixture.loop.runUntilDone(rpc::upload<mail::v1::CheckRequest>(
      fixture.loop, 5s, response, next,
      [&](auto* context, auto* answer, auto* reactor) { stub->async()->Check(context, answer, reactor); }));
  if (queueId == "normal") {
    CHECK(status.ok());
    CHECK(response.reply() == "3211264 in 50");
  } else {
    CHECK(status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
    CHECK(sent < 50);
  }
}

TEST_CASE("nobody at the address is an answer, not a wait", "[rpc]") {
  net::Loop loop;
  const auto stub = mail::v1::Accounts::NewStub(rpc::channel("unix:/nonexistent/socket", {}));
  mail::v1::ResolveRequest request;
  mail::v1::ResolveResponse response;
  const grpc::Status status = loop.runUntilDone(
      rpc::unary(loop, 10s, request, response, [&](auto* context, auto* asked, auto* answer, auto done) {
        stub->async()->Resolve(context, asked, answer, std::move(done));
      }));
  CHECK(status.error_code() == grpc::StatusCode::UNAVAILABLE);
}

TEST_CASE("TCP without certificates is refused", "[rpc]") {
  CHECK_THROWS_WITH(rpc::channel("accountd:50008", {}), Catch::Contains("mutual TLS"));
  net::Loop loop;
  rpc::Server server(loop);
  CHECK_THROWS_WITH(server.start("127.0.0.1:0", {}), Catch::Contains("mutual TLS"));
}
