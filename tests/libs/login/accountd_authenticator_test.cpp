#include "login/accountd_authenticator.h"

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>

#include "async/task_group.h"
#include "mail/v1/account.grpc.pb.h"
#include "rpc/answer.h"
#include "rpc/channel.h"
#include "rpc/server.h"

using namespace posthouse;
using namespace posthouse::login;
using namespace std::chrono_literals;
using mail::v1::AuthenticateRequest;
using mail::v1::AuthenticateResponse;
using mail::v1::ExchangeRequest;
using mail::v1::ExchangeResponse;

namespace {

/// Answers what it is told to, and keeps what it was asked.
class FakeAccounts final : public mail::v1::Accounts::CallbackService {
 public:
  explicit FakeAccounts(net::Loop& loop) : loop_(loop) {}

  grpc::ServerUnaryReactor* Authenticate(grpc::CallbackServerContext* context, const AuthenticateRequest* request,
                                         AuthenticateResponse* response) override {
    asked = *request;
    ++questions;
    *response = says;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(status);
    return reactor;
  }
  grpc::ServerBidiReactor<ExchangeRequest, ExchangeResponse>* Exchange(grpc::CallbackServerContext*) override {
    return rpc::answerExchange<ExchangeRequest, ExchangeResponse>(loop_, [this](auto& call) { return exchange(call); });
  }
  grpc::ServerUnaryReactor* ListMechanisms(grpc::CallbackServerContext* context,
                                           const mail::v1::ListMechanismsRequest* request,
                                           mail::v1::ListMechanismsResponse* response) override {
    asked.set_protocol(request->protocol());
    for (const char* name : {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "EXTERNAL", "PLAIN"}) {
      response->add_mechanisms()->set_name(name);
    }
    response->mutable_mechanisms(0)->set_needs_tls(true);
    response->mutable_mechanisms(2)->set_needs_client_certificate(true);
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(status);
    return reactor;
  }

  AuthenticateResponse says;
  grpc::Status status;
  AuthenticateRequest asked;
  std::atomic<int> questions = 0;
  std::vector<std::string> challenges;
  std::vector<ExchangeRequest> heard;
  bool left = false;  // the client went before the outcome
  bool silent = false;
  bool judgesWhoLeft = false;
  int dies = 0;  // so often, when it has read how an exchange begins

 private:
  Task<grpc::Status> exchange(rpc::Exchange<ExchangeRequest, ExchangeResponse>& call) {
    std::optional<ExchangeRequest> request = co_await call.next();
    if (request) heard.push_back(*request);
    if (dies-- > 0) co_return grpc::Status(grpc::StatusCode::UNAVAILABLE, "Socket closed");
    for (const std::string& challenge : challenges) {
      ExchangeResponse response;
      response.set_challenge(challenge);
      co_await call.write(response);
      request = co_await call.next();
      if (request) heard.push_back(*request);
    }
    left = !request;
    if (silent) co_await call.next();
    if ((left && !judgesWhoLeft) || !status.ok()) co_return status;
    ExchangeResponse response;
    *response.mutable_outcome() = says;
    co_await call.write(response);
    co_return grpc::Status::OK;
  }

  net::Loop& loop_;
};

/// A client that answers "<challenge>!" and gives up after so many answers.
class Echo final : public Dialogue {
 public:
  explicit Echo(int patience) : patience_(patience) {}
  Task<std::optional<std::string>> ask(std::string challenge) override {
    if (throws) throw net::ConnectionLost("gone");
    if (patience_-- == 0) co_return std::nullopt;
    co_return challenge + "!";
  }
  bool throws = false;

 private:
  int patience_;
};

struct Stage {
  Stage() {
    server.add(accounts, mail::v1::Accounts::service_full_name());
    server.start(address, {});
    accounts.says.set_result(AuthenticateResponse::RESULT_OK);
    accounts.says.mutable_account()->set_account_id(7);
    accounts.says.mutable_account()->set_address("alice@example.org");
  }
  ~Stage() { loop.runUntilDone(server.close(5s)); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  Outcome checkPassword() {
    return loop.runUntilDone(authenticator.checkPassword("alice@example.org", "secret", from));
  }
  std::optional<Outcome> exchange(Dialogue& dialogue) {
    return loop.runUntilDone(authenticator.exchange("SCRAM-SHA-256", "first", from, dialogue));
  }

  net::Loop loop;
  FakeAccounts accounts{loop};
  rpc::Server server{loop};
  std::string address = "unix:/tmp/posthouse-login-test-" + std::to_string(getpid());
  AccountdAuthenticator authenticator{loop, rpc::channel(address, {}), 5s, "pop3"};
  Connection from{.protocol = "pop3",
                  .remoteAddress = "192.0.2.1",
                  .sessionId = "S1",
                  .isTls = true,
                  .channelBindings = {{"tls-exporter", std::string("\0\xff", 2)}}};
};

}  // namespace

TEST_CASE("accountd is asked about a name and a password and believed", "[login]") {
  Stage stage;
  const Outcome outcome = stage.checkPassword();
  REQUIRE(outcome);
  CHECK(outcome->account == store::AccountId{7});
  CHECK(outcome->address == "alice@example.org");
  CHECK_FALSE(outcome->readOnly);
  stage.accounts.says.mutable_account()->set_read_only(true);
  CHECK(stage.checkPassword()->readOnly);
  CHECK(stage.accounts.asked.plain().authentication_identity() == "alice@example.org");
  CHECK(stage.accounts.asked.plain().password() == "secret");
  CHECK(stage.accounts.asked.protocol() == "pop3");
  CHECK(stage.accounts.asked.remote_address() == "192.0.2.1");
  CHECK(stage.accounts.asked.session_id() == "S1");
}

TEST_CASE("accountd is asked about APOP's digest of the greeting's timestamp", "[login]") {
  Stage stage;
  const std::string digest(32, 'd');
  const Outcome outcome =
      stage.loop.runUntilDone(stage.authenticator.checkApop("alice", "<1.2@mail.test>", digest, stage.from));
  REQUIRE(outcome);
  CHECK(outcome->address == "alice@example.org");
  CHECK(stage.accounts.asked.apop().name() == "alice");
  CHECK(stage.accounts.asked.apop().timestamp() == "<1.2@mail.test>");
  CHECK(stage.accounts.asked.apop().digest() == digest);
  CHECK(stage.accounts.asked.remote_address() == "192.0.2.1");
}

TEST_CASE("accountd is asked about a ticket, and says what its owner is sent", "[login]") {
  Stage stage;
  stage.accounts.says.set_kerberos_reply("AP-REP");
  TicketAnswer answer = stage.loop.runUntilDone(stage.authenticator.checkTicket("AP-REQ", stage.from));
  REQUIRE(answer.outcome);
  CHECK(answer.outcome->address == "alice@example.org");
  CHECK(answer.reply == "AP-REP");
  CHECK(stage.accounts.asked.ticket().request() == "AP-REQ");
  CHECK(stage.accounts.asked.protocol() == "pop3");
  CHECK(stage.accounts.asked.remote_address() == "192.0.2.1");

  stage.accounts.says.set_result(AuthenticateResponse::RESULT_BAD_CREDENTIALS);
  stage.accounts.says.set_claimed_name("alice@EXAMPLE.ORG");
  stage.accounts.says.set_kerberos_reply("KRB-ERROR");
  answer = stage.loop.runUntilDone(stage.authenticator.checkTicket("AP-REQ", stage.from));
  REQUIRE_FALSE(answer.outcome);
  CHECK(answer.outcome.error().failure == Failure::badCredentials);
  CHECK(answer.outcome.error().name == "alice@EXAMPLE.ORG");
  CHECK(answer.reply == "KRB-ERROR");
}

TEST_CASE("a ticket is shown to accountd once: it may have noted it before it failed", "[login]") {
  Stage stage;
  stage.accounts.status = grpc::Status(grpc::StatusCode::UNAVAILABLE, "the database is away");
  const TicketAnswer answer = stage.loop.runUntilDone(stage.authenticator.checkTicket("AP-REQ", stage.from));
  REQUIRE_FALSE(answer.outcome);
  CHECK(answer.outcome.error().failure == Failure::unavailable);
  CHECK(stage.accounts.questions == 1);
}

TEST_CASE("a denial of accountd is an answer", "[login]") {
  const auto [result, failure] = GENERATE(table<AuthenticateResponse::Result, Failure>({
      {AuthenticateResponse::RESULT_BAD_CREDENTIALS, Failure::badCredentials},
      {AuthenticateResponse::RESULT_DISABLED, Failure::disabled},
      {AuthenticateResponse::RESULT_NOT_AUTHORIZED, Failure::notAuthorized},
      {AuthenticateResponse::RESULT_MALFORMED, Failure::malformed},
      {AuthenticateResponse::RESULT_NO_MECHANISM, Failure::noSuchMechanism},
      {AuthenticateResponse::RESULT_NEEDS_APP_PASSWORD, Failure::needsAppPassword},
      {AuthenticateResponse::RESULT_NEEDS_CODE, Failure::needsCode},
      {AuthenticateResponse::RESULT_UNSPECIFIED, Failure::unavailable},
  }));
  Stage stage;
  stage.accounts.says.set_result(result);
  stage.accounts.says.set_claimed_name("alice");
  stage.accounts.says.set_text("not a message of it");
  Echo echo(0);
  for (const Outcome& outcome : {stage.checkPassword(), stage.exchange(echo).value()}) {
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().failure == failure);
    CHECK(outcome.error().name == "alice");
    CHECK(outcome.error().text == "not a message of it");
  }
}

TEST_CASE("an accountd that fails, or is not there, says nothing about credentials", "[login]") {
  Stage stage;
  Echo echo(0);
  stage.accounts.status = grpc::Status(grpc::StatusCode::INTERNAL, "the database is on fire");
  CHECK(stage.checkPassword().error().failure == Failure::unavailable);
  CHECK(stage.exchange(echo).value().error().failure == Failure::unavailable);
  AccountdAuthenticator nobody(stage.loop, rpc::channel(stage.address + "-nobody", {}), 5s, "pop3");
  CHECK(stage.loop.runUntilDone(nobody.exchange("PLAIN", std::nullopt, stage.from, echo)).value().error().failure ==
        Failure::unavailable);
}

TEST_CASE("nobody waits for what accountd still says to a client that gave up", "[login]") {
  Stage stage;
  stage.accounts.challenges = {"what is wrong with your token"};
  stage.accounts.judgesWhoLeft = true;
  Echo echo(0);
  CHECK_FALSE(stage.exchange(echo));
  CHECK(stage.accounts.left);
}

TEST_CASE("an exchange carries tokens both ways, and what mechanisms bind to", "[login]") {
  Stage stage;
  stage.accounts.challenges = {"one", "", std::string("t\0o", 3)};
  Echo echo(3);
  const auto outcome = stage.exchange(echo);
  REQUIRE(outcome.value());
  CHECK((*outcome)->address == "alice@example.org");
  REQUIRE(stage.accounts.heard.size() == 4);
  const mail::v1::BeginExchange& begin = stage.accounts.heard[0].begin();
  CHECK(begin.mechanism() == "SCRAM-SHA-256");
  CHECK(begin.initial_response() == "first");
  CHECK(begin.connection().protocol() == "pop3");
  CHECK(begin.connection().tls());
  CHECK(begin.connection().channel_bindings().at("tls-exporter") == std::string("\0\xff", 2));
  CHECK(stage.accounts.heard[1].response() == "one!");
  CHECK(stage.accounts.heard[2].response() == "!");
  CHECK(stage.accounts.heard[3].response() == std::string("t\0o!", 4));
}

TEST_CASE("no initial response is another thing than an empty one", "[login]") {
  Stage stage;
  Echo echo(0);
  for (const std::optional<std::string>& initial : {std::optional<std::string>(), std::optional<std::string>("")}) {
    stage.accounts.heard.clear();
    stage.loop.runUntilDone(stage.authenticator.exchange("PLAIN", initial, stage.from, echo));
    CHECK(stage.accounts.heard.at(0).begin().has_initial_response() == initial.has_value());
  }
}

TEST_CASE("an exchange is begun again with an accountd that died, but not with what it may have noted", "[login]") {
  const auto [mechanism, initial, begun] = GENERATE(table<std::string, std::optional<std::string>, std::size_t>({
      {"PLAIN", "what it says", 2},
      {"GSSAPI", std::nullopt, 2},
      {"GSSAPI", "", 2},  // it is asked for its token
      {"GSSAPI", "AP-REQ", 1},
      {"gssapi", "AP-REQ", 1},
  }));
  CAPTURE(mechanism, initial);
  Stage stage;
  stage.accounts.dies = 1;
  Echo echo(0);
  const auto outcome = stage.loop.runUntilDone(stage.authenticator.exchange(mechanism, initial, stage.from, echo));
  CHECK(stage.accounts.heard.size() == begun);
  CHECK(outcome.value().has_value() == (begun == 2));
  if (begun == 1) CHECK(outcome.value().error().failure == Failure::unavailable);
}

TEST_CASE("a client that gives up, or is gone, ends the exchange at accountd, too", "[login]") {
  Stage stage;
  stage.accounts.challenges = {"one", "two"};
  Echo echo(1);
  SECTION("it gives up") {
    CHECK_FALSE(stage.exchange(echo));
  }
  SECTION("it is gone") {
    echo.throws = true;
    CHECK_THROWS_AS(stage.exchange(echo), net::ConnectionLost);
  }
  stage.loop.runUntilDone(stage.server.close(5s));
  CHECK(stage.accounts.left);
}

TEST_CASE("an accountd that is silent is not waited for without end", "[login]") {
  Stage stage;
  stage.accounts.silent = true;
  AccountdAuthenticator hasty(stage.loop, rpc::channel(stage.address, {}), 100ms, "pop3");
  Echo echo(0);
  const auto outcome = stage.loop.runUntilDone(hasty.exchange("PLAIN", std::nullopt, stage.from, echo));
  CHECK(outcome.value().error().failure == Failure::unavailable);
}

TEST_CASE("mechanisms are what accountd says, as far as the connection allows them", "[login]") {
  Stage stage;
  CHECK(stage.authenticator.mechanisms({.isTls = true}) == std::vector<std::string>{"PLAIN", "LOGIN"});
  std::stop_source stop;
  const auto untilKnown = [&]() -> Task<> {
    while (stage.authenticator.mechanisms({.isTls = true}).size() != 3) co_await stage.loop.sleep(1ms);
    stop.request_stop();
  };
  TaskGroup both;
  both.spawn(stage.authenticator.watchMechanisms(stop.get_token()));
  both.spawn(untilKnown());
  stage.loop.runUntilDone(both.drained());
  CHECK(stage.accounts.asked.protocol() == "pop3");
  CHECK(stage.authenticator.mechanisms({.isTls = true}) ==
        std::vector<std::string>{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN"});
  CHECK(stage.authenticator.mechanisms({.isTls = true, .hasClientCertificate = true}) ==
        std::vector<std::string>{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "EXTERNAL", "PLAIN"});
  CHECK(stage.authenticator.mechanisms({}) == std::vector<std::string>{"SCRAM-SHA-256", "PLAIN"});
}

TEST_CASE("the certificate of a client goes with its exchange", "[login]") {
  Stage stage;
  Echo echo(0);
  stage.from.clientCertificate = net::PeerCertificate{.says = {.fingerprint = crypto::sha256("x"),
                                                               .subject = "CN=x",
                                                               .mailboxes = {"alice@mail.test", "zo\u00eb@mail.test"},
                                                               .notBefore = std::chrono::sys_seconds(5s),
                                                               .notAfter = std::chrono::sys_seconds(7s),
                                                               .isForClients = true},
                                                      .objection = "certificate revoked",
                                                      .isRevoked = true};
  REQUIRE(stage.exchange(echo));
  const mail::v1::ClientCertificate& told = stage.accounts.heard.at(0).begin().connection().client_certificate();
  CHECK(told.fingerprint() == crypto::sha256("x").view());
  CHECK(told.subject() == "CN=x");
  REQUIRE(told.mailboxes_size() == 2);
  CHECK(told.mailboxes(1) == "zo\u00eb@mail.test");
  CHECK(told.not_before() == 5);
  CHECK(told.not_after() == 7);
  CHECK(told.for_clients());
  CHECK_FALSE(told.trusted());
  CHECK(told.revoked());
  CHECK(told.objection() == "certificate revoked");
  stage.from.clientCertificate->objection.clear();
  stage.exchange(echo);
  CHECK(stage.accounts.heard.at(1).begin().connection().client_certificate().trusted());
}
