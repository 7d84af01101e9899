// mail.v1.Accounts as other programs call it: over gRPC and a unix socket.
#include "accounts_service.h"

#include <catch2/catch.hpp>
#include <fstream>

#include "administration/administration.h"
#include "async/task_group.h"
#include "defence/sharing.h"
#include "directory/store_directory.h"
#include "logins/store_certificate_holders.h"
#include "logins/store_credentials.h"
#include "logins/store_second_factors.h"
#include "mechanisms/offer.h"
#include "rpc/call.h"
#include "rpc/channel.h"
#include "rpc/conversation.h"
#include "rpc/server.h"
#include "services/accountd/tokens/token_maker.h"
#include "support/child_process.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;
using mail::v1::AuthenticateResponse;
using mail::v1::ExchangeRequest;
using mail::v1::ExchangeResponse;
using mail::v1::ResolveResponse;

namespace {

constexpr PasswordPolicy kPolicy{.cost = {.passes = 1, .memory = 8 * 1024}, .scramIterations = 4096};

class Office {
 public:
  Office() {
    server_.add(service_, mail::v1::Accounts::service_full_name());
    server_.start(address_, {});
    background_.spawn(tokens_.keep(stop_.get_token()));
    stub_ = mail::v1::Accounts::NewStub(rpc::channel(address_, {}));
    loop_.runUntilDone(administration_.addDomain("mail.test"));
    loop_.runUntilDone(administration_.addUser({"alice@mail.test", "secret"}));
    loop_.runUntilDone(administration_.addAlias("sales@mail.test", {"alice@mail.test", "x@else.example"}));
    loop_.runUntilDone(administration_.addAlias("postmaster@mail.test", {"alice@mail.test"}));
  }
  void addArchive() {
    loop_.runUntilDone(administration_.addGroup(
        {.kind = store::AccountKind::shared, .address = "archive@mail.test", .members = {"alice@mail.test"}}));
  }
  void addStaff() {
    loop_.runUntilDone(administration_.addGroup(
        {.kind = store::AccountKind::group, .address = "staff@mail.test", .members = {"alice@mail.test"}}));
  }
  /// That an issuer vouches for.
  std::string token(const std::string& address) const {
    const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    return signer_.token({{"alg", "ES256"}, {"kid", "one"}},
                         {{"iss", "issuer"}, {"aud", "mail"}, {"exp", now + 300}, {"email", address}});
  }
  ~Office() {
    stop_.request_stop();
    loop_.runUntilDone(background_.drained());
    loop_.runUntilDone(server_.close(1s));
  }

  grpc::Status authenticate(const mail::v1::AuthenticateRequest& request, AuthenticateResponse& response) {
    return loop_.runUntilDone(
        rpc::unary(loop_, 10s, request, response, [this](auto* context, auto* asked, auto* told, auto done) {
          stub_->async()->Authenticate(context, asked, told, std::move(done));
        }));
  }
  AuthenticateResponse login(const std::string& name, const std::string& password,
                             const std::string& protocol = "imap") {
    mail::v1::AuthenticateRequest request;
    request.mutable_plain()->set_authentication_identity(name);
    request.mutable_plain()->set_password(password);
    request.set_protocol(protocol);
    AuthenticateResponse response;
    REQUIRE(authenticate(request, response).ok());
    return response;
  }
  /// The challenges, then the outcome, of an exchange in which the client says these things.
  std::pair<std::vector<std::string>, AuthenticateResponse> exchange(const std::string& mechanism,
                                                                     std::optional<std::string> initial,
                                                                     std::vector<std::string> responses,
                                                                     const std::string& protocol = "imap") {
    using Call = rpc::Conversation<ExchangeRequest, ExchangeResponse>;
    std::pair<std::vector<std::string>, AuthenticateResponse> heard;
    const auto talk = [&](Call& call) -> Task<> {
      ExchangeRequest request;
      request.mutable_begin()->set_mechanism(mechanism);
      if (initial) request.mutable_begin()->set_initial_response(*initial);
      request.mutable_begin()->mutable_connection()->set_protocol(protocol);
      for (auto next = responses.begin();;) {
        const std::optional<ExchangeResponse> answer = co_await call.ask(request, 10s);
        if (!answer) co_return;
        if (answer->has_outcome()) heard.second = answer->outcome();
        if (answer->has_outcome()) co_return;
        heard.first.push_back(answer->challenge());
        if (next == responses.end()) co_return;
        request.set_response(*next++);
      }
    };
    ended_ = loop_.runUntilDone(rpc::converse<ExchangeRequest, ExchangeResponse>(
        loop_, 20s, [this](auto*... call) { stub_->async()->Exchange(call...); }, talk));
    return heard;
  }
  const grpc::Status& ended() const { return ended_; }
  std::vector<std::string> mechanisms(const std::string& protocol = "") {
    mail::v1::ListMechanismsRequest request;
    request.set_protocol(protocol);
    mail::v1::ListMechanismsResponse response;
    REQUIRE(loop_
                .runUntilDone(rpc::unary(loop_, 10s, request, response,
                                         [this](auto* context, auto* asked, auto* told, auto done) {
                                           stub_->async()->ListMechanisms(context, asked, told, std::move(done));
                                         }))
                .ok());
    std::vector<std::string> names;
    for (const auto& mechanism : response.mechanisms()) names.push_back(mechanism.name());
    return names;
  }
  ResolveResponse resolve(const std::string& address) {
    mail::v1::ResolveRequest request;
    request.set_address(address);
    ResolveResponse response;
    const grpc::Status status = loop_.runUntilDone(
        rpc::unary(loop_, 10s, request, response, [this](auto* context, auto* asked, auto* told, auto done) {
          stub_->async()->Resolve(context, asked, told, std::move(done));
        }));
    REQUIRE(status.ok());
    return response;
  }
  double attempts(const std::string& protocol, const std::string& result) {
    return metrics_.authentications.Add({{"protocol", protocol}, {"result", result}}).Value();
  }

  Endings endings;

 private:
  /// Whose keys are in a file.
  IssuerConfig issuer() const {
    IssuerConfig config;
    config.issuer = "issuer";
    config.verification = IssuerConfig::Verification::keysByFile;
    config.file = folder_.path() / "keys.json";
    config.audiences = {"mail"};
    config.domains = {"mail.test"};
    std::ofstream(config.file) << test::setOf({signer_.jwk("one")});
    return config;
  }

  test::TestDatabase testDatabase_;
  test::TemporaryFolder folder_;
  const std::string address_ = "unix:" + (folder_.path() / "accountd.sock").string();
  net::Loop loop_;
  prometheus::Registry registry_;
  observe::LogSink sink_{2, registry_};
  Metrics metrics_{registry_};
  db::Database database_{
      loop_,
      {.url = testDatabase_.urlAs("posthouse_accountd"), .applicationName = "accountd", .poolSize = 2},
      registry_};
  PasswordWorkers workers_{loop_, 1, 8, metrics_.passwordQueue};
  VerifiedPasswords verified_{100, 5min};
  StoreCredentials credentials_{database_};
  StoreCertificateHolders holders_{database_};
  const crypto::SealingKeys keys_;
  const test::Signer signer_{"P-256"};
  AppPasswordUses uses_;
  const observe::Log log_{sink_, "accountd", "test"};
  StoreSecondFactors factors_{database_, uses_, keys_, log_};
  Authenticator authenticator_{credentials_, workers_, verified_, factors_, kPolicy};
  ldap::Directories directories_{loop_, database_, {}, registry_, log_};
  Administration administration_{database_, workers_, kPolicy};
  SharedSecrets sharedSecrets_{database_, credentials_, keys_, log_};
  TokenVerifier tokens_{loop_, {issuer()}, registry_, log_};
  Mechanisms mechanisms_ = offer(
      {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "EXTERNAL", "OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN", "ANONYMOUS"},
      {.authenticator = authenticator_,
       .credentials = credentials_,
       .factors = factors_,
       .sharedSecrets = sharedSecrets_,
       .holders = holders_,
       .scramIterations = 4096,
       .tokens = &tokens_,
       .anonymousAccount = "archive@mail.test",
       .hostname = "mx.mail.test",
       .log = log_});
  DefenceMetrics defenceMetrics_{registry_};
  StorePlaces places_{database_, {}};
  Defence defence_{{}, places_, defenceMetrics_, log_};
  Guard guard_{loop_, defence_, credentials_, defenceMetrics_};
  AccountsService service_{loop_,       directories_, authenticator_, sharedSecrets_,
                           mechanisms_, guard_,       endings,        {.address = "", .hostname = "mx.mail.test"},
                           metrics_,    log_};
  std::stop_source stop_;
  TaskGroup background_;
  rpc::Server server_{loop_};
  std::unique_ptr<mail::v1::Accounts::Stub> stub_;
  grpc::Status ended_;
};

}  // namespace

TEST_CASE("a login tells which endings of the account's sessions were known before it", "[accountd][database]") {
  Office office;
  const store::AccountId alice{office.login("alice@mail.test", "secret").account().account_id()};
  CHECK(office.login("alice@mail.test", "secret").known_ending() == 0);
  office.endings.observe(
      {{7, alice, "", store::EndReason::loggedOut}, {8, store::AccountId{4711}, "", store::EndReason::loggedOut}});
  CHECK(office.login("alice@mail.test", "secret").known_ending() == 7);
  CHECK(office.exchange("PLAIN", std::string("\0alice@mail.test\0secret", 23), {}).second.known_ending() == 7);
  CHECK(office.login("alice@mail.test", "wrong").known_ending() == 0);
}

TEST_CASE("a client learns whether it is let in, never whether the name exists", "[accountd][database]") {
  Office office;
  const AuthenticateResponse let = office.login("Alice@mail.test", "secret");
  CHECK(let.result() == AuthenticateResponse::RESULT_OK);
  CHECK(let.account().address() == "alice@mail.test");
  CHECK(let.account().account_id() > 0);

  AuthenticateResponse wrong = office.login("alice@mail.test", "wrong");
  AuthenticateResponse nobody = office.login("nobody@mail.test", "secret");
  CHECK(wrong.result() == AuthenticateResponse::RESULT_BAD_CREDENTIALS);
  CHECK(wrong.claimed_name() == "alice@mail.test");
  wrong.clear_claimed_name();  // the client said that itself
  nobody.clear_claimed_name();
  CHECK(wrong.SerializeAsString() == nobody.SerializeAsString());

  CHECK(office.attempts("imap", "ok") == 1);
  CHECK(office.attempts("imap", "bad_password") == 1);
  CHECK(office.attempts("imap", "no_user") == 1);
  office.login("alice@mail.test", "secret", "carrier-pigeon");
  CHECK(office.attempts("other", "ok") == 1);

  AuthenticateResponse none;
  CHECK(office.authenticate({}, none).error_code() == grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_CASE("an address is resolved over gRPC", "[accountd][database]") {
  Office office;
  const ResolveResponse sales = office.resolve("SALES+q3@mail.test");
  CHECK(sales.result() == ResolveResponse::RESULT_FOUND);
  REQUIRE(sales.accounts_size() == 1);
  CHECK(sales.accounts(0).address() == "alice@mail.test");
  REQUIRE(sales.remote_addresses_size() == 1);
  CHECK(sales.remote_addresses(0) == "x@else.example");

  CHECK(office.resolve("Postmaster").accounts_size() == 1);  // RFC 5321 §4.5.1
  CHECK(office.resolve("postmaster@MX.mail.test").accounts_size() == 1);
  CHECK(office.resolve("info@mx.mail.test").result() == ResolveResponse::RESULT_NOT_LOCAL);
  CHECK(office.resolve("abuse@mail.test").accounts(0).address() == "alice@mail.test");  // RFC 2142 §4
  CHECK(office.resolve("a..b@mail.test").result() == ResolveResponse::RESULT_NO_SUCH_ADDRESS);
  CHECK(office.resolve("bob@else.example").result() == ResolveResponse::RESULT_NOT_LOCAL);
  CHECK(office.resolve("").result() == ResolveResponse::RESULT_NOT_LOCAL);
}

TEST_CASE("accountd leads an exchange of SASL", "[accountd][database]") {
  Office office;
  using Challenges = std::vector<std::string>;
  const std::string message("\0alice@mail.test\0secret", 23);
  CHECK(office.mechanisms() == std::vector<std::string>{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "EXTERNAL",
                                                        "OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN", "ANONYMOUS"});
  CHECK(office.mechanisms("submission") == std::vector<std::string>{"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "EXTERNAL",
                                                                    "OAUTHBEARER", "XOAUTH2", "PLAIN", "LOGIN"});

  auto [challenges, outcome] = office.exchange("plain", message, {});
  CHECK(challenges.empty());
  CHECK(outcome.result() == AuthenticateResponse::RESULT_OK);
  CHECK(outcome.account().address() == "alice@mail.test");
  CHECK(outcome.claimed_name() == "alice@mail.test");

  std::tie(challenges, outcome) = office.exchange("PLAIN", std::nullopt, {message});
  CHECK(challenges == Challenges{""});
  CHECK(outcome.result() == AuthenticateResponse::RESULT_OK);

  std::tie(challenges, outcome) = office.exchange("LOGIN", std::nullopt, {"alice@mail.test", "wrong"});
  CHECK(challenges == Challenges{"Username:", "Password:"});
  CHECK(outcome.result() == AuthenticateResponse::RESULT_BAD_CREDENTIALS);
  CHECK(outcome.claimed_name() == "alice@mail.test");

  std::tie(challenges, outcome) = office.exchange("PLAIN", "no message", {});
  CHECK(outcome.result() == AuthenticateResponse::RESULT_MALFORMED);
  CHECK_FALSE(outcome.text().empty());

  std::tie(challenges, outcome) = office.exchange("ROT13", "", {});
  CHECK(outcome.result() == AuthenticateResponse::RESULT_NO_MECHANISM);
}

TEST_CASE("ANONYMOUS lets anybody read one account's mail, and nothing else", "[accountd][database]") {
  Office office;
  const auto result = [&](std::string trace, const std::string& protocol) {
    return office.exchange("ANONYMOUS", std::move(trace), {}, protocol).second.result();
  };
  CHECK(result("sirhc", "imap") == AuthenticateResponse::RESULT_BAD_CREDENTIALS);  // there is no such account yet
  office.addArchive();
  const auto [challenges, outcome] = office.exchange("anonymous", std::nullopt, {"sirhc"});
  CHECK(challenges == std::vector<std::string>{""});
  CHECK(outcome.result() == AuthenticateResponse::RESULT_OK);
  CHECK(outcome.account().address() == "archive@mail.test");
  CHECK(outcome.account().read_only());
  CHECK(result("", "pop3") == AuthenticateResponse::RESULT_OK);
  CHECK(result("two\nlines", "pop3") == AuthenticateResponse::RESULT_MALFORMED);
  for (const char* protocol : {"submission", "managesieve", "http", ""})
    CHECK(result("sirhc", protocol) == AuthenticateResponse::RESULT_NO_MECHANISM);
  CHECK_FALSE(office.login("alice@mail.test", "secret").account().read_only());
}

TEST_CASE("nobody logs in as a group or a shared mailbox, whatever vouches for it", "[accountd][database]") {
  Office office;
  office.addStaff();
  office.addArchive();
  const auto say = [&](const std::string& mechanism, const std::string& message) {
    return office.exchange(mechanism, message, {"\x01"}).second.result();
  };
  const std::string good = office.token("alice@mail.test");
  CHECK(say("OAUTHBEARER",
            "n,,\x01"
            "auth=Bearer " +
                good + "\x01\x01") == AuthenticateResponse::RESULT_OK);
  CHECK(say("XOAUTH2",
            "user=alice@mail.test\x01"
            "auth=Bearer " +
                good + "\x01\x01") == AuthenticateResponse::RESULT_OK);
  double refused = 0;
  for (const std::string address : {"staff@mail.test", "archive@mail.test"}) {
    CAPTURE(address);
    const std::string bearer =
        "\x01"
        "auth=Bearer " +
        office.token(address) + "\x01\x01";
    for (const std::string& name : {std::string(), "a=" + address})
      CHECK(say("OAUTHBEARER", "n," + name + "," + bearer) == AuthenticateResponse::RESULT_BAD_CREDENTIALS);
    CHECK(say("XOAUTH2", "user=" + address + bearer) == AuthenticateResponse::RESULT_BAD_CREDENTIALS);
    CHECK(office.attempts("imap", "no_user") == (refused += 3));
    CHECK(office.login(address, "secret").result() == AuthenticateResponse::RESULT_BAD_CREDENTIALS);
    CHECK(office.login(address, "").result() == AuthenticateResponse::RESULT_BAD_CREDENTIALS);
    refused = office.attempts("imap", "no_user");
  }
}

TEST_CASE("a client that gives an exchange up leaves nothing behind", "[accountd][database]") {
  Office office;
  const auto [challenges, outcome] = office.exchange("LOGIN", std::nullopt, {"alice@mail.test"});
  CHECK(challenges.size() == 2);
  CHECK(outcome.result() == AuthenticateResponse::RESULT_UNSPECIFIED);
  CHECK(office.ended().error_code() == grpc::StatusCode::CANCELLED);
}
