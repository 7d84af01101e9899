// The defence of two accountds over one database, at the gRPC calls that programs make, and what administrators do.
#include <catch2/catch.hpp>
#include <functional>

#include "accounts_service.h"
#include "administration/administration.h"
#include "async/task_group.h"
#include "defence/defence_admin_service.h"
#include "defence/guard.h"
#include "defence/sharing.h"
#include "logins/store_certificate_holders.h"
#include "logins/store_credentials.h"
#include "logins/store_second_factors.h"
#include "mechanisms/offer.h"
#include "rpc/call.h"
#include "rpc/channel.h"
#include "rpc/conversation.h"
#include "rpc/server.h"
#include "support/child_process.h"
#include "support/quiet_sink.h"
#include "support/series.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;
using mail::v1::AuthenticateResponse;
using mail::v1::ExchangeRequest;
using mail::v1::ExchangeResponse;

namespace {

constexpr PasswordPolicy kPolicy{.cost = {.passes = 1, .memory = 8 * 1024}, .scramIterations = 4096};

/// Delays of a moment, so that nobody waits for them here.
DefenceRules quick() {
  DefenceRules rules;
  rules.longestDelay = 20ms;
  return rules;
}

/// Where it is counted how many get through: until the ban comes, one does each time that so much is over.
DefenceRules slow() {
  DefenceRules rules;
  rules.longestDelay = 200ms;
  return rules;
}

/// One accountd.
class Instance {
 public:
  Instance(net::Loop& loop, test::TestDatabase& database, DefenceRules rules)
      : loop_(loop),
        database_(loop, {.url = database.urlAs("posthouse_accountd"), .applicationName = "accountd", .poolSize = 2},
                  registry),
        rules_(std::move(rules)) {
    server_.add(service_, mail::v1::Accounts::service_full_name());
    server_.start(address_, {});
    stub_ = mail::v1::Accounts::NewStub(rpc::channel(address_, {}));
  }
  ~Instance() { loop_.runUntilDone(server_.close(1s)); }

  AuthenticateResponse login(const std::string& address, const std::string& name, const std::string& password) {
    AuthenticateResponse response;
    REQUIRE(loop_.runUntilDone(call(address, name, password, response)).ok());
    return response;
  }
  AuthenticateResponse::Result result(const std::string& address, const std::string& name,
                                      const std::string& password) {
    return login(address, name, password).result();
  }
  /// Many at once; how many of them each result was.
  std::map<AuthenticateResponse::Result, int> together(int many, const std::string& address, const std::string& name) {
    std::map<AuthenticateResponse::Result, int> results;
    TaskGroup group;
    for (int i = 0; i < many; ++i) group.spawn(one(address, name, "guess " + std::to_string(i), results));
    loop_.runUntilDone(group.drained());
    return results;
  }
  /// Guesses until it is turned away: how many went through.
  int guess(const std::string& address, const std::string& name, int most = 100) {
    for (int i = 0; i < most; ++i)
      if (result(address, name, "guess " + std::to_string(++guesses())) == AuthenticateResponse::RESULT_THROTTLED)
        return i;
    return most;
  }
  /// OAUTHBEARER without a name.
  AuthenticateResponse::Result bearer(const std::string& address, const std::string& token) {
    AuthenticateResponse::Result result{};
    const auto talk = [&](rpc::Conversation<ExchangeRequest, ExchangeResponse>& call) -> Task<> {
      ExchangeRequest request;
      request.mutable_begin()->set_mechanism("OAUTHBEARER");
      request.mutable_begin()->set_initial_response(
          "n,,\x01"
          "auth=Bearer " +
          token + "\x01\x01");
      request.mutable_begin()->mutable_connection()->set_remote_address(address);
      std::optional<ExchangeResponse> answer = co_await call.ask(request, 10s);
      if (answer && answer->has_challenge()) {
        request.set_response("\x01");
        answer = co_await call.ask(request, 10s);
      }
      if (answer) result = answer->outcome().result();
    };
    loop_.runUntilDone(rpc::converse<ExchangeRequest, ExchangeResponse>(
        loop_, 20s, [this](auto*... call) { stub_->async()->Exchange(call...); }, talk));
    return result;
  }
  /// SCRAM with a proof of nothing.
  AuthenticateResponse::Result scram(const std::string& address, const std::string& name) {
    AuthenticateResponse::Result result{};
    const auto talk = [&](rpc::Conversation<ExchangeRequest, ExchangeResponse>& call) -> Task<> {
      ExchangeRequest request;
      request.mutable_begin()->set_mechanism("SCRAM-SHA-256");
      request.mutable_begin()->set_initial_response("n,,n=" + name + ",r=fyko+d2lbbFgONRv9qkxdawL");
      request.mutable_begin()->mutable_connection()->set_remote_address(address);
      std::optional<ExchangeResponse> answer = co_await call.ask(request, 10s);
      if (answer && answer->has_challenge()) {
        const std::string nonce = answer->challenge().substr(0, answer->challenge().find(','));
        request.set_response("c=biws," + nonce + ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
        answer = co_await call.ask(request, 10s);
      }
      if (answer) result = answer->outcome().result();
    };
    loop_.runUntilDone(rpc::converse<ExchangeRequest, ExchangeResponse>(
        loop_, 20s, [this](auto*... call) { stub_->async()->Exchange(call...); }, talk));
    return result;
  }

  void share() { loop_.runUntilDone(sharing.exchange()); }
  double series(const std::string& name) const { return test::valueOf(registry, name).value_or(0); }
  double statements() const {
    return series("posthouse_db_query_duration_seconds_count{query=\"single\",result=\"ok\"}") +
           series("posthouse_db_query_duration_seconds_count{query=\"read\",result=\"ok\"}") +
           series("posthouse_db_query_duration_seconds_count{query=\"write\",result=\"ok\"}");
  }
  std::uint64_t hashes() const { return workers_.hashes(); }

  prometheus::Registry registry;

 private:
  Task<grpc::Status> call(const std::string& address, const std::string& name, const std::string& password,
                          AuthenticateResponse& response) {
    mail::v1::AuthenticateRequest request;
    request.mutable_plain()->set_authentication_identity(name);
    request.mutable_plain()->set_password(password);
    request.set_protocol("imap");
    request.set_remote_address(address);
    const auto start = [this](auto* context, auto* asked, auto* told, auto done) {
      stub_->async()->Authenticate(context, asked, told, std::move(done));
    };
    co_return co_await rpc::unary(loop_, 60s, request, response, start);
  }
  Task<> one(std::string address, std::string name, std::string password,
             std::map<AuthenticateResponse::Result, int>& results) {
    AuthenticateResponse response;
    const grpc::Status status = co_await call(address, name, password, response);
    ++results[status.ok() ? response.result() : AuthenticateResponse::RESULT_UNSPECIFIED];
  }

  net::Loop& loop_;
  test::TemporaryFolder folder_;
  const std::string address_ = "unix:" + (folder_.path() / "accountd.sock").string();
  test::QuietSink sink_{registry};
  db::Database database_;
  Metrics metrics_{registry};
  PasswordWorkers workers_{loop_, 1, 1'000, metrics_.passwordQueue};
  VerifiedPasswords verified_{100, 5min};
  StoreCredentials credentials_{database_};
  const crypto::SealingKeys keys_;
  AppPasswordUses uses_;
  observe::Log log_{sink_, "accountd", "test"};
  StoreSecondFactors factors_{database_, uses_, keys_, log_};
  ldap::Directories directories_{loop_, database_, {}, registry, log_};
  Authenticator authenticator_{credentials_, workers_, verified_, factors_, kPolicy};
  StoreCertificateHolders holders_{database_};
  SharedSecrets sharedSecrets_{database_, credentials_, keys_, log_};
  TokenVerifier tokens_{loop_, std::vector<IssuerConfig>(1), registry, log_};
  Mechanisms mechanisms_ = offer({"SCRAM-SHA-256", "OAUTHBEARER", "PLAIN", "LOGIN"}, {.authenticator = authenticator_,
                                                                                      .credentials = credentials_,
                                                                                      .factors = factors_,
                                                                                      .sharedSecrets = sharedSecrets_,
                                                                                      .holders = holders_,
                                                                                      .scramIterations = 4096,
                                                                                      .tokens = &tokens_,
                                                                                      .log = log_});
  const DefenceRules rules_;
  DefenceMetrics defenceMetrics_{registry};
  StorePlaces places_{database_, rules_};

 public:
  Defence defence{rules_, places_, defenceMetrics_, log_};
  Sharing sharing{loop_, database_, defence, defenceMetrics_, log_};
  DefenceOffice office{database_, defence, credentials_, authenticator_, mechanisms_};
  Administration administration{database_, workers_, kPolicy};

 private:
  Guard guard_{loop_, defence, credentials_, defenceMetrics_};
  Endings endings_;
  AccountsService service_{loop_,       directories_, authenticator_, sharedSecrets_,
                           mechanisms_, guard_,       endings_,       {.address = "", .hostname = "mx.mail.test"},
                           metrics_,    log_};
  rpc::Server server_{loop_};
  std::unique_ptr<mail::v1::Accounts::Stub> stub_;
  /// No two instances guess the same.
  static int& guesses() {
    static int count = 0;
    return count;
  }
};

struct World {
  explicit World(const DefenceRules& rules = quick()) : one(loop, database, rules), other(loop, database, rules) {
    for (const char* domain : {"mail.test", "other.test"}) run(one.administration.addDomain(domain));
    for (const char* user : {"alice@mail.test", "bob@mail.test", "chief@mail.test", "eve@other.test"})
      run(one.administration.addUser({user, "secret"}));
    run(one.administration.addAdministrator("chief@mail.test", "mail.test"));
  }

  template <class T>
  T run(Task<Answer<T>> task) {
    auto answer = loop.runUntilDone(std::move(task));
    if (!answer) throw std::runtime_error(answer.error().text);
    return *std::move(answer);
  }
  template <class T>
  std::optional<Refusal::Kind> refusal(Task<Answer<T>> task) {
    auto answer = loop.runUntilDone(std::move(task));
    if (answer) return std::nullopt;
    return answer.error().kind;
  }

  net::Loop loop;
  test::TestDatabase database;
  Instance one;
  Instance other;
};

constexpr auto kOk = AuthenticateResponse::RESULT_OK;
constexpr auto kWrong = AuthenticateResponse::RESULT_BAD_CREDENTIALS;
constexpr auto kThrottled = AuthenticateResponse::RESULT_THROTTLED;

}  // namespace

TEST_CASE("what one accountd counts, the others know", "[accountd][defence][database]") {
  World world;
  CHECK(world.one.guess("192.0.2.7", "alice@mail.test", 5) == 5);
  world.one.share();
  world.other.share();
  CHECK(world.other.guess("192.0.2.7", "alice@mail.test") == 5);
  CHECK(world.other.result("192.0.2.7", "bob@mail.test", "secret") == kThrottled);
  world.other.share();
  world.one.share();
  CHECK(world.one.result("192.0.2.7", "bob@mail.test", "secret") == kThrottled);
  CHECK(world.one.series("posthouse_auth_bans") == 2);  // the network, and alice from there
  CHECK(world.one.result("198.51.100.1", "bob@mail.test", "secret") == kOk);
  CHECK(world.one.result("192.0.2.8", "alice@mail.test", "secret") == kOk);

  // And one that is started later, or again.
  Instance third(world.loop, world.database, quick());
  third.share();
  CHECK(third.result("192.0.2.7", "bob@mail.test", "secret") == kThrottled);
}

TEST_CASE("the same wrong password is the same at every accountd", "[accountd][defence][database]") {
  World world;
  for (int i = 0; i < 30; ++i) {
    CHECK(world.one.result("192.0.2.7", "alice@mail.test", "the old password") == kWrong);
    world.one.share();
    world.other.share();
    CHECK(world.other.result("192.0.2.7", "alice@mail.test", "the old password") == kWrong);
  }
  CHECK(world.other.series("posthouse_auth_failures_total{counts=\"yes\"}") == 0);
  CHECK(world.other.series("posthouse_auth_failures_total{counts=\"repeated\"}") == 30);
}

TEST_CASE("a banned client costs no hash and no statement, and learns nothing", "[accountd][defence][database]") {
  World world;
  world.one.guess("192.0.2.7", "alice@mail.test");
  world.one.result("192.0.2.7", "alice@mail.test", "secret");
  const auto hashes = world.one.hashes();
  const double statements = world.one.statements();
  for (int i = 0; i < 200; ++i) CHECK(world.one.result("192.0.2.7", "alice@mail.test", "secret") == kThrottled);
  AuthenticateResponse somebody = world.one.login("192.0.2.7", "bob@mail.test", "secret");
  AuthenticateResponse nobody = world.one.login("192.0.2.7", "nobody@mail.test", "secret");
  CHECK(world.one.scram("192.0.2.7", "bob@mail.test") == kThrottled);
  CHECK(world.one.hashes() == hashes);
  CHECK(world.one.statements() == statements);
  somebody.clear_claimed_name();
  nobody.clear_claimed_name();
  CHECK(somebody.SerializeAsString() == nobody.SerializeAsString());
}

TEST_CASE("a wrong name costs what a wrong password costs", "[accountd][defence][database]") {
  World world;
  const auto cost = [&](const std::string& name) {
    const auto hashes = world.one.hashes();
    const double statements = world.one.statements();
    AuthenticateResponse response = world.one.login("192.0.2.7", name, "wrong");
    response.clear_claimed_name();  // the client said that itself
    return std::tuple(world.one.hashes() - hashes, world.one.statements() - statements, response.SerializeAsString());
  };
  cost("warm up");  // the key of the defence
  const auto somebody = cost("alice@mail.test");
  CHECK(cost("nobody@mail.test") == somebody);
  CHECK(std::get<0>(somebody) == 1);
  CHECK(std::get<1>(somebody) == 1);
}

TEST_CASE("an honest login makes no statement but its own", "[accountd][defence][database]") {
  World world;
  world.one.result("192.0.2.1", "alice@mail.test", "secret");
  const double statements = world.one.statements();
  for (int i = 0; i < 50; ++i)
    REQUIRE(world.one.result("192.0.2." + std::to_string(i), "alice@mail.test", "secret") == kOk);
  CHECK(world.one.statements() == statements + 50);
}

TEST_CASE("where an account logged in lately is known to every accountd", "[accountd][defence][database]") {
  World world;
  CHECK(world.one.result("198.51.100.1", "alice@mail.test", "secret") == kOk);
  world.one.share();
  CHECK(world.other.guess("198.51.100.1", "nobody@mail.test") > 0);
  CHECK(world.other.result("198.51.100.1", "bob@mail.test", "secret") !=
        kThrottled);  // twice as much is tolerated here
  for (int i = 0; i < 30; ++i) world.other.guess("198.51.100.1", "n" + std::to_string(i) + "@mail.test", 1);
  CHECK(world.other.result("198.51.100.1", "eve@other.test", "secret") == kThrottled);
  CHECK(world.other.result("198.51.100.1", "alice@mail.test", "secret") == kOk);
}

TEST_CASE("of 2,000 guesses at once few are looked at", "[accountd][defence][database]") {
  World world(slow());
  const auto hashes = world.one.hashes();
  auto results = world.one.together(2'000, "192.0.2.7", "alice@mail.test");
  CHECK(results[kWrong] + results[kThrottled] == 2'000);
  CHECK(results[kWrong] <= 60);
  CHECK(world.one.hashes() - hashes <= 60);
  CHECK(world.one.result("198.51.100.1", "alice@mail.test", "secret") == kOk);
  CHECK(world.one.series("posthouse_auth_waiting") == 0);
}

TEST_CASE("of 100,000 guesses from one network a dozen are looked at", "[accountd][defence][database]") {
  World world(slow());
  const auto hashes = world.one.hashes();
  std::map<AuthenticateResponse::Result, int> all;
  for (int i = 0; i < 100; ++i)
    for (const auto& [result, many] : world.one.together(1'000, "192.0.2.7", "n" + std::to_string(i) + "@mail.test"))
      all[result] += many;
  CHECK(all[kWrong] + all[kThrottled] == 100'000);
  // The network, and the first name there if its guesses came together.
  const double bans = world.one.series("posthouse_auth_bans_total");
  CHECK((bans == 1 || bans == 2));
  CHECK(world.one.hashes() - hashes <= 60);
  world.one.share();
  CHECK(world.one.result("198.51.100.1", "alice@mail.test", "secret") == kOk);
}

TEST_CASE("SCRAM is guessed no faster, and costs the same for a name that nobody has",
          "[accountd][defence][database]") {
  World world;
  for (const char* name : {"alice@mail.test", "nobody@mail.test"}) {
    const std::string address = std::string("192.0.2.") + (*name == 'a' ? "1" : "2");
    int guesses = 0;
    while (guesses < 100 && world.one.scram(address, name) == kWrong) ++guesses;
    CHECK(guesses == 20);
  }
}

TEST_CASE("tokens are guessed no faster, whoever they are for", "[accountd][defence][database]") {
  World world;
  const auto judged = [&] { return world.one.series("posthouse_oauth_tokens_total{result=\"unknown_issuer\"}"); };
  int guesses = 0;
  while (guesses < 100 && world.one.bearer("192.0.2.7", "guess-" + std::to_string(guesses)) == kWrong) ++guesses;
  CHECK(guesses == 10);
  CHECK(judged() == 10);
  world.one.share();
  world.other.share();
  CHECK(world.other.bearer("192.0.2.7", "another") == kThrottled);
  CHECK(world.other.result("192.0.2.7", "bob@mail.test", "secret") == kThrottled);

  for (int i = 0; i < 30; ++i) CHECK(world.one.bearer("198.51.100.1", "expired") == kWrong);
  CHECK(world.one.series("posthouse_auth_failures_total{counts=\"yes\"}") == 11);
  CHECK(world.one.result("198.51.100.1", "bob@mail.test", "secret") == kOk);
}

TEST_CASE("waiting logins are bounded", "[accountd][defence][database]") {
  DefenceRules rules;
  rules.longestDelay = 300ms;
  rules.waiting = 5;
  World world(rules);
  for (int i = 0; i < 30; ++i) world.one.guess("203.0." + std::to_string(i) + ".1", "alice@mail.test", 1);
  const auto begun = std::chrono::steady_clock::now();
  std::map<AuthenticateResponse::Result, int> results = world.one.together(30, "192.0.2.7", "alice@mail.test");
  // Who comes when the first have had their time takes their places.
  const auto waves = (std::chrono::steady_clock::now() - begun) / rules.longestDelay + 1;
  CHECK(results[kWrong] <= 5 * waves);
  CHECK(results[kThrottled] > 0);
  CHECK(results[kWrong] + results[kThrottled] == 30);
  CHECK(world.one.series("posthouse_auth_throttled_total{reason=\"too_many\"}") >= 1);
  CHECK(world.one.series("posthouse_auth_waiting") == 0);
}

TEST_CASE("an administrator bans and lifts bans, within what he administers", "[accountd][defence][database]") {
  World world;
  DefenceOffice& office = world.one.office;
  const DefenceOffice chief = office.as({"chief@mail.test", "local:1"});
  const DefenceOffice alice = office.as({"alice@mail.test", "local:1"});
  const auto as = [](const DefenceOffice& one) { return DefenceOffice(one); };

  const ShownBan ban = world.run(office.ban("192.0.2.9/24", 3'600, "abuse"));
  CHECK(ban.network == "192.0.2.0/24");
  CHECK(std::chrono::round<std::chrono::minutes>(ban.until - ban.since) == 1h);
  CHECK(world.one.result("192.0.2.7", "bob@mail.test", "secret") == kOk);  // within a second
  world.one.share();
  world.other.share();
  for (Instance* instance : {&world.one, &world.other}) {
    CHECK(instance->result("192.0.2.7", "bob@mail.test", "secret") == kThrottled);
    CHECK(instance->result("192.0.3.7", "bob@mail.test", "secret") == kOk);
  }
  CHECK(world.run(office.list()).bans.at(0).reason == "abuse");

  CHECK(world.refusal(as(chief).ban("192.0.2.9", 0, "")) == Refusal::Kind::forbidden);
  CHECK(world.refusal(as(chief).unban("192.0.2.0/24")) == Refusal::Kind::forbidden);
  CHECK(world.refusal(as(chief).ban("eve@other.test", 0, "")) == Refusal::Kind::notFound);
  CHECK(world.refusal(as(alice).ban("alice@mail.test", 0, "")) == Refusal::Kind::forbidden);
  CHECK(world.refusal(as(alice).list()) == Refusal::Kind::forbidden);
  CHECK(world.refusal(as(alice).test("alice@mail.test", "secret", {})) == Refusal::Kind::forbidden);
  CHECK(world.run(as(chief).ban("Alice@mail.test", 0, "stolen")).address == "alice@mail.test");
  CHECK(world.run(as(chief).list()).bans.size() == 1);  // the account, not the network
  CHECK(world.run(office.list()).bans.size() == 2);
  world.one.share();
  CHECK(world.one.result("198.51.100.1", "alice@mail.test", "secret") == kThrottled);
  CHECK(world.one.result("198.51.100.1", "bob@mail.test", "secret") == kOk);
  world.run(as(chief).unban("alice@mail.test"));
  world.run(office.unban("192.0.2.0/24"));
  world.one.share();
  CHECK(world.one.result("198.51.100.1", "alice@mail.test", "secret") == kOk);
  CHECK(world.one.result("192.0.2.7", "bob@mail.test", "secret") == kOk);
  CHECK(world.refusal(office.unban("192.0.2.0/24")) == Refusal::Kind::notFound);

  for (const char* nonsense : {"mail.test", "0.0.0.0/0", "127.0.0.1", "", "192.0.2.7/40", "@mail.test"})
    CHECK(world.refusal(office.ban(nonsense, 0, "")) == Refusal::Kind::invalid);
  CHECK(world.refusal(office.ban("192.0.2.7", -1, "")) == Refusal::Kind::invalid);
  CHECK(world.refusal(office.ban("nobody@mail.test", 0, "")) == Refusal::Kind::notFound);

  const auto audit = world.run(world.one.administration.audit({}, 0));
  int bans = 0;
  for (const auto& entry : audit) bans += entry.action == "auth.ban" || entry.action == "auth.unban" ? 1 : 0;
  CHECK(bans == 4);
}

TEST_CASE("of more bans than fit, an administrator's are known to one that is started",
          "[accountd][defence][database]") {
  World world;
  world.run(world.one.office.ban("192.0.2.9", 60, "abuse"));
  world.one.guess("192.0.2.7", "alice@mail.test");
  world.one.share();
  const auto known = [&](int limit) {
    return world.database.transact([&](db::Transaction& transaction) {
      return store::DefenceRepository(transaction, 10min).changedBans({}, limit);
    });
  };
  CHECK(known(10).size() == 3);  // beside it the network, and alice from there
  REQUIRE(known(1).size() == 1);
  CHECK(known(1)[0].network == "192.0.2.9");
}

TEST_CASE("who is slowed is listed, and unbanning forgets why", "[accountd][defence][database]") {
  World world;
  world.one.guess("192.0.2.7", "alice@mail.test", 4);
  world.one.guess("192.0.2.8", "my password in the wrong field", 4);
  world.one.share();
  const DefenceReport report = world.run(world.one.office.list());
  CHECK(report.bans.empty());
  CHECK(report.slowed.size() == 4);  // two networks, and a name in each
  const auto alices = std::ranges::count(report.slowed, "alice@mail.test", &Slowed::address);
  CHECK(alices == 1);
  CHECK(std::ranges::count(report.slowed, true, &Slowed::isNobody) == 1);
  world.run(world.one.office.unban("192.0.2.7"));
  world.one.share();
  CHECK(world.run(world.one.office.list()).slowed.size() == 2);
  CHECK(world.one.guess("192.0.2.7", "alice@mail.test") >= 9);  // the neighbourhood's are not forgotten
}

namespace {

Connection from(const std::string& address, const std::string& protocol = "imap") {
  return {.protocol = protocol, .remoteAddress = address, .sessionId = {}, .channelBindings = {}};
}

}  // namespace

TEST_CASE("a login is tried step by step, and counted nowhere", "[accountd][defence][database]") {
  World world;
  DefenceOffice& office = world.one.office;
  const auto verdicts = [&](const std::string& name, const std::string& password, const std::string& address) {
    std::string text;
    const LoginTrial trial = world.run(office.test(name, password, from(address)));
    for (const LoginTrial::Step& step : trial.steps)
      text += step.name + (step.verdict == LoginTrial::Verdict::ok     ? "+ "
                           : step.verdict == LoginTrial::Verdict::note ? "~ "
                                                                       : "- ");
    return text + (trial.succeeds ? "yes" : "no");
  };
  CHECK(verdicts("Alice@mail.test", "secret", "") == "account+ credentials+ password+ mechanisms+ defence+ yes");
  CHECK(verdicts("alice@mail.test", "secret", "127.0.0.1") ==
        "account+ credentials+ password+ mechanisms+ defence~ yes");
  for (int i = 0; i < 50; ++i)
    CHECK(verdicts("alice@mail.test", "wrong", "192.0.2.7") ==
          "account+ credentials+ password- mechanisms+ defence+ no");
  world.one.guess("192.0.2.7", "bob@mail.test", 4);
  CHECK(verdicts("alice@mail.test", "secret", "192.0.2.7") ==
        "account+ credentials+ password+ mechanisms+ defence~ yes");
  world.one.guess("192.0.2.7", "bob@mail.test");
  CHECK(verdicts("alice@mail.test", "secret", "192.0.2.7") ==
        "account+ credentials+ password+ mechanisms+ defence- no");
  world.run(world.one.administration.setEnabled("alice@mail.test", false));
  CHECK(verdicts("alice@mail.test", "secret", "") == "account- credentials+ password~ mechanisms+ defence+ no");
  CHECK(world.refusal(office.test("nobody@mail.test", "secret", {})) == Refusal::Kind::notFound);
  CHECK(world.refusal(office.test("x@nowhere.test", "secret", {})) == Refusal::Kind::notFound);
  CHECK(world.refusal(office.test("alice@mail.test", "secret", from("here"))) == Refusal::Kind::invalid);
  CHECK(world.refusal(office.test("alice@mail.test", "secret", from("", "smtp"))) == Refusal::Kind::invalid);
}

TEST_CASE("nobody tries out passwords of who administers more", "[accountd][defence][database]") {
  World world;
  world.run(world.one.administration.addUser({"boss@mail.test", "secret"}));
  world.run(world.one.administration.addAdministrator("boss@mail.test", ""));
  const auto refusal = [&](const std::string& actor, const std::string& login) {
    return world.refusal(DefenceOffice(world.one.office.as({actor, "local:1"})).test(login, "secret", {}));
  };
  CHECK(refusal("chief@mail.test", "boss@mail.test") == Refusal::Kind::forbidden);
  CHECK(refusal("chief@mail.test", "Boss@MAIL.test") == Refusal::Kind::forbidden);
  CHECK_FALSE(refusal("chief@mail.test", "alice@mail.test"));
  CHECK_FALSE(refusal("chief@mail.test", "chief@mail.test"));
  CHECK_FALSE(refusal("boss@mail.test", "boss@mail.test"));
  world.run(world.one.administration.addAdministrator("alice@mail.test", "other.test"));
  CHECK(refusal("chief@mail.test", "alice@mail.test") == Refusal::Kind::forbidden);
}

TEST_CASE("a login is tried for the protocol that is asked about", "[accountd][defence][database]") {
  World world;
  world.run(world.one.administration.setDomain("mail.test", {.twoFactorsRequired = true}));
  const auto said = [&](const std::string& protocol) {
    return world.run(world.one.office.test("alice@mail.test", "secret", from("", protocol))).steps.at(2).text;
  };
  CHECK(said("pop3") == "is right, but pop3 takes app passwords only here: mailctl user app-password add");
  CHECK(said("http") == "is right, and wants a one-time code beside it");
}

TEST_CASE("nothing that was typed is in the tables", "[accountd][defence][database]") {
  World world;
  world.one.guess("192.0.2.7", "hunter2", 5);
  world.one.guess("192.0.2.8", "alice@mail.test", 5);
  world.one.share();
  const auto text = world.database.transact([](db::Transaction& transaction) {
    return transaction.exec1("SELECT string_agg(f::text, ' ') FROM posthouse.auth_failure f")[0].get<std::string>(0);
  });
  CHECK(text.find("hunter2") == text.npos);
  CHECK(text.find("guess") == text.npos);
  CHECK(text.find("alice@mail.test") != text.npos);
}

TEST_CASE("no other program reads what is known of failed logins", "[accountd][defence][database]") {
  const test::TestDatabase database;
  const std::string program =
      GENERATE("smtpd", "relayd", "lmtp_delivery", "pop3d", "imapd", "managesieved", "filterd", "webd");
  for (const char* table : {"auth_failure", "auth_ban", "auth_place"}) {
    CAPTURE(program, table);
    db::Connection connection(database.urlAs("posthouse_" + program), "test");
    CHECK_THROWS_WITH(connection.execute(std::string("SELECT 1 FROM posthouse.") + table, {}),
                      Catch::Contains("permission denied"));
  }
}

TEST_CASE("what counts for nothing any more is removed", "[accountd][defence][database]") {
  World world;
  world.one.guess("192.0.2.7", "alice@mail.test");
  world.one.result("198.51.100.1", "alice@mail.test", "secret");
  world.one.share();
  const auto prune = [&](std::int64_t most) {
    return world.database.transact([&](db::Transaction& transaction) {
      return store::DefenceRepository(transaction, 10min).prune(24h * 30, most, 1'000);
    });
  };
  const auto age = [&](const char* statement) {
    world.database.transact([&](db::Transaction& transaction) { transaction.exec(statement); });
  };
  CHECK(prune(1'000) == 0);
  CHECK(prune(1) == 3);  // the oldest of four: by network, by neighbourhood, by name, by pair
  age("UPDATE posthouse.auth_failure SET at = now() - interval '2 hours'");
  CHECK(prune(1'000) == 1);
  age("UPDATE posthouse.auth_ban SET until = now() - interval '2 days'");
  CHECK(prune(1'000) == 2);
  age("UPDATE posthouse.auth_place SET at = now() - interval '31 days'");
  CHECK(prune(1'000) == 2);
}
