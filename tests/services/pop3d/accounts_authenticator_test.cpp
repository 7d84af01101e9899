#include "accounts_authenticator.h"

#include <unistd.h>

#include <catch2/catch.hpp>

#include "mail/v1/account.grpc.pb.h"
#include "rpc/answer.h"
#include "rpc/channel.h"
#include "rpc/server.h"

using namespace posthouse;
using namespace posthouse::pop3d;
using namespace std::chrono_literals;
using mail::v1::AuthenticateRequest;
using mail::v1::AuthenticateResponse;

namespace {

/// Answers what it is told to, and keeps what it was asked.
class FakeAccounts final : public mail::v1::Accounts::CallbackService {
 public:
  explicit FakeAccounts(net::Loop& loop) : loop_(loop) {}

  grpc::ServerUnaryReactor* Authenticate(grpc::CallbackServerContext* context, const AuthenticateRequest* request,
                                         AuthenticateResponse* response) override {
    return rpc::answer(loop_, context, [this, request, response] { return authenticate(*request, *response); });
  }

  AuthenticateResponse::Result result = AuthenticateResponse::RESULT_OK;
  grpc::Status status;
  AuthenticateRequest asked;

 private:
  Task<grpc::Status> authenticate(const AuthenticateRequest& request, AuthenticateResponse& response) {
    asked = request;
    response.set_result(result);
    response.mutable_account()->set_account_id(7);
    response.mutable_account()->set_address("alice@example.org");
    co_return status;
  }

  net::Loop& loop_;
};

struct Stage {
  Stage() {
    server.add(accounts, mail::v1::Accounts::service_full_name());
    server.start(address, {});
  }
  ~Stage() { loop.runUntilDone(server.close(5s)); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  std::expected<Account, Denial> authenticate() {
    AccountsAuthenticator authenticator(loop, rpc::channel(address, {}), 5s);
    return loop.runUntilDone(
        authenticator.authenticate({"bob@example.org", "alice@example.org", "secret"}, {"192.0.2.1", "S1"}));
  }

  net::Loop loop;
  FakeAccounts accounts{loop};
  rpc::Server server{loop};
  std::string address = "unix:/tmp/posthouse-pop3d-test-" + std::to_string(getpid());
};

}  // namespace

TEST_CASE("accountd is asked about a client and believed", "[pop3d]") {
  Stage stage;
  const auto account = stage.authenticate();
  REQUIRE(account);
  CHECK(account->id == store::AccountId{7});
  CHECK(account->address == "alice@example.org");
  CHECK(stage.accounts.asked.plain().authorization_identity() == "bob@example.org");
  CHECK(stage.accounts.asked.plain().authentication_identity() == "alice@example.org");
  CHECK(stage.accounts.asked.plain().password() == "secret");
  CHECK(stage.accounts.asked.protocol() == "pop3");
  CHECK(stage.accounts.asked.remote_address() == "192.0.2.1");
  CHECK(stage.accounts.asked.session_id() == "S1");
}

TEST_CASE("a denial of accountd is an answer", "[pop3d]") {
  const auto [result, denial] = GENERATE(table<AuthenticateResponse::Result, Denial>({
      {AuthenticateResponse::RESULT_BAD_CREDENTIALS, Denial::badCredentials},
      {AuthenticateResponse::RESULT_DISABLED, Denial::disabled},
      {AuthenticateResponse::RESULT_NOT_AUTHORIZED, Denial::notAuthorized},
  }));
  Stage stage;
  stage.accounts.result = result;
  CHECK(stage.authenticate().error() == denial);
}

TEST_CASE("an accountd that gives no answer is away", "[pop3d]") {
  Stage stage;
  SECTION("it fails") {
    stage.accounts.status = grpc::Status(grpc::StatusCode::INTERNAL, "the database is on fire");
  }
  SECTION("it says what nobody knows") {
    stage.accounts.result = AuthenticateResponse::RESULT_UNSPECIFIED;
  }
  CHECK_THROWS_AS(stage.authenticate(), AuthenticatorAway);
}
