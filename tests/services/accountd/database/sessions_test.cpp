// mail.v1.Sessions and mail.admin.v1.Sessions: accountd's side over gRPC and a real database, with the library that
// programs attach themselves by at the other end.
#include <unistd.h>

#include <catch2/catch.hpp>

#include "administration/administration.h"
#include "async/task_group.h"
#include "login/attachment.h"
#include "login/open_sessions.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "sessions/ending_watch.h"
#include "sessions/session_admin_service.h"
#include "sessions/session_office.h"
#include "sessions/sessions_service.h"
#include "support/child_process.h"
#include "support/quiet_sink.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;

namespace {

constexpr PasswordPolicy kPolicy{.cost = {.passes = 1, .memory = 8 * 1024}, .scramIterations = 0};
constexpr auto kAtOnce = 5s;  // administrators are promised one, on a machine that is not as busy
constexpr auto kPatience = 20s;

/// One accountd, which may be ended and begun anew.
class Accountd {
 public:
  Accountd(net::Loop& loop, db::Database& database, const std::string& address, observe::LogSink& sink)
      : loop_(loop),
        watch_(loop, database, registry_, observe::Log(sink, "accountd", "test")),
        service_(loop, database, watch_, registry_, observe::Log(sink, "accountd", "test"), draining_.get_token()),
        server_(loop) {
    server_.add(service_, mail::v1::Sessions::service_full_name());
    server_.start(address, {});
    background_.spawn(watch_.run(draining_.get_token()));
    background_.spawn(service_.keepTidy(draining_.get_token()));
  }
  ~Accountd() {
    draining_.request_stop();
    loop_.runUntilDone(server_.close(5s));
    loop_.runUntilDone(background_.drained());
  }

  const Endings& endings() const { return watch_.endings(); }
  Task<> caughtUp() { return watch_.caughtUp(); }

 private:
  net::Loop& loop_;
  prometheus::Registry registry_;
  std::stop_source draining_;
  EndingWatch watch_;
  SessionsService service_;
  rpc::Server server_;
  TaskGroup background_;
};

class Office {
 public:
  Office() {
    start();
    attachment.emplace(loop, rpc::channel(address, {}), sessions, "imapd", "here", registry,
                       observe::Log(sink, "imapd", "test"));
    run(administration.addDomain("mail.test"));
    run(administration.addDomain("other.test"));
    for (const char* user : {"alice@mail.test", "chief@mail.test", "eve@other.test"})
      run(administration.addUser({user, "secret"}));
    run(administration.addAdministrator("chief@mail.test", "mail.test"));
  }
  ~Office() {
    loop.runUntilDone(attachment->close());
    accountd.reset();
  }

  template <class T>
  T run(Task<Answer<T>> task) {
    auto answer = loop.runUntilDone(std::move(task));
    if (!answer) throw std::runtime_error(answer.error().text);
    return *std::move(answer);
  }
  void start() { accountd.emplace(loop, database, address, sink); }

  std::unique_ptr<login::OpenSession> login(const std::string& address, const std::string& id,
                                            std::int64_t knownEnding = 0) {
    const store::Account account = run(administration.user(address));
    return std::make_unique<login::OpenSession>(sessions, login::Identity{account.id, address, false, knownEnding},
                                                login::OpenSession::Client{*ids.emplace(id).first, client}, "PLAIN",
                                                true);
  }

  /// How long it took.
  template <class Question>
  std::chrono::milliseconds until(Question question) {
    const auto begun = std::chrono::steady_clock::now();
    while (!question() && std::chrono::steady_clock::now() - begun < kPatience) loop.runUntilDone(loop.sleep(5ms));
    REQUIRE(question());
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  }
  std::vector<std::string> listed(const std::string& actor = "") {
    std::vector<std::string> found;
    for (const auto& session : run(office.as({.address = actor}).ofDomain("", ""))) found.push_back(session.id);
    return found;
  }

  net::Loop loop;
  test::TestDatabase testDatabase;
  test::TemporaryFolder folder;
  const std::string address = "unix:" + (folder.path() / "accountd.sock").string();
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  Metrics metrics{registry};
  db::Database database{
      loop, {.url = testDatabase.urlAs("posthouse_accountd"), .applicationName = "accountd", .poolSize = 2}, registry};
  PasswordWorkers workers{loop, 1, 64, metrics.passwordQueue};
  Administration administration{database, workers, kPolicy};
  SessionOffice office{database};
  std::optional<Accountd> accountd;
  std::set<std::string> ids;
  const std::string client = "192.0.2.1";
  login::OpenSessions sessions{"imap", registry};
  std::optional<login::Attachment> attachment;
};

}  // namespace

TEST_CASE("sessions are listed, to those who may see them", "[accountd][database]") {
  Office office;
  auto alice = office.login("alice@mail.test", "a");
  const auto eve = office.login("eve@other.test", "e");
  office.until([&] { return office.listed().size() == 2; });
  CHECK(office.listed("chief@mail.test") == std::vector<std::string>{"a"});
  const auto own = office.run(office.office.as({.address = "alice@mail.test"}).ofUser("alice@mail.test", ""));
  REQUIRE(own.size() == 1);
  CHECK(own[0].program == "imapd");
  CHECK(own[0].instance == "here");
  CHECK(own[0].protocol == "imap");
  CHECK(own[0].mechanism == "PLAIN");
  const auto refusal = [&](const std::string& actor, Task<Answer<std::vector<store::ListedSession>>> task) {
    const auto answer = office.loop.runUntilDone(std::move(task));
    CAPTURE(actor);
    REQUIRE_FALSE(answer);
    return answer.error().kind;
  };
  SessionOffice asAlice = office.office.as({.address = "alice@mail.test"});
  SessionOffice asChief = office.office.as({.address = "chief@mail.test"});
  CHECK(refusal("alice", asAlice.ofDomain("", "")) == Refusal::Kind::forbidden);
  CHECK(refusal("alice", asAlice.ofUser("chief@mail.test", "")) == Refusal::Kind::notFound);
  CHECK(refusal("chief", asChief.ofUser("eve@other.test", "")) == Refusal::Kind::notFound);
  CHECK(refusal("chief", asChief.ofDomain("other.test", "")) == Refusal::Kind::notFound);
  CHECK(refusal("nobody", office.office.ofUser("nobody@mail.test", "")) == Refusal::Kind::notFound);
  alice.reset();
  office.until([&] { return office.listed() == std::vector<std::string>{"e"}; });
}

TEST_CASE("sessions end within a second of what is decided, by whichever accountd", "[accountd][database]") {
  Office office;
  const auto alice = office.login("alice@mail.test", "a");
  const auto other = office.login("alice@mail.test", "b");
  const auto eve = office.login("eve@other.test", "e");
  office.until([&] { return office.listed().size() == 3; });
  CHECK(office.run(office.office.end("alice@mail.test", "b")).listed == 1);
  const auto one = office.until([&] { return other->ending() == login::EndReason::loggedOut; });
  CHECK_FALSE(alice->ending());
  office.run(office.administration.setEnabled("alice@mail.test", false));
  const auto all = office.until([&] { return alice->ending() == login::EndReason::disabled; });
  office.run(office.administration.removeUser("eve@other.test"));
  const auto gone = office.until([&] { return eve->ending() == login::EndReason::removed; });
  CAPTURE(one.count(), all.count(), gone.count());
  CHECK(one < kAtOnce);
  CHECK(all < kAtOnce);
  CHECK(gone < kAtOnce);
}

TEST_CASE("who logs in when a logout has been answered is not meant by it", "[accountd][database]") {
  Office office;
  const store::AccountId alice = office.run(office.administration.user("alice@mail.test")).id;
  office.run(office.office.end("alice@mail.test", ""));
  office.loop.runUntilDone(office.accountd->caughtUp());
  const Endings& endings = office.accountd->endings();
  CHECK(endings.latestOf(alice, endings.moment()) > 0);
}

TEST_CASE("who may end sessions, and what is written about it", "[accountd][database]") {
  Office office;
  const auto alice = office.login("alice@mail.test", "a");
  office.until([&] { return office.listed().size() == 1; });
  const auto refusal = [&](const std::string& actor, const std::string& whose, const std::string& session) {
    const auto answer = office.loop.runUntilDone(office.office.as({.address = actor}).end(whose, session));
    REQUIRE_FALSE(answer);
    return answer.error().kind;
  };
  CHECK(refusal("alice@mail.test", "chief@mail.test", "") == Refusal::Kind::notFound);
  CHECK(refusal("chief@mail.test", "eve@other.test", "") == Refusal::Kind::notFound);
  CHECK(refusal("eve@other.test", "alice@mail.test", "a") == Refusal::Kind::notFound);
  CHECK(refusal("chief@mail.test", "alice@mail.test", "other") == Refusal::Kind::notFound);
  CHECK_FALSE(alice->ending());
  office.run(office.office.as({.address = "alice@mail.test"}).end("alice@mail.test", "a"));
  office.run(office.office.as({.address = "chief@mail.test"}).end("alice@mail.test", ""));
  office.until([&] { return alice->ending().has_value(); });
  const auto audit = office.run(office.administration.audit({.object = "alice@mail.test"}, 0));
  REQUIRE(audit.size() >= 2);
  CHECK(audit[audit.size() - 2].action == "user.logout");
  CHECK(audit[audit.size() - 2].actor == "alice@mail.test");
  CHECK(audit[audit.size() - 2].details == R"({"session": "a"})");
  CHECK(audit.back().actor == "chief@mail.test");
}

TEST_CASE("what is decided while no accountd is there is done when one is back", "[accountd][database]") {
  Office office;
  const auto alice = office.login("alice@mail.test", "a");
  const auto eve = office.login("eve@other.test", "e");
  const auto chief = office.login("chief@mail.test", "c");
  office.until([&] { return office.listed().size() == 3; });
  office.accountd.reset();
  office.run(office.administration.setEnabled("alice@mail.test", false));
  office.run(office.office.end("eve@other.test", ""));
  CHECK_FALSE(alice->ending());
  office.start();
  office.until([&] { return alice->ending() == login::EndReason::disabled; });
  office.until([&] { return eve->ending() == login::EndReason::loggedOut; });
  office.until([&] { return office.listed().size() == 3; });
  CHECK_FALSE(chief->ending());
}

TEST_CASE("a session whose login was decided before the account was disabled does not survive",
          "[accountd][database]") {
  Office office;
  office.run(office.administration.setEnabled("alice@mail.test", false));
  const store::AccountId account = office.run(office.administration.user("alice@mail.test")).id;
  const auto seen = [&] { return office.accountd->endings().latestOf(account, office.accountd->endings().moment()); };
  office.until([&] { return seen() > 0; });
  const auto racing = office.login("alice@mail.test", "a");
  office.until([&] { return racing->ending() == login::EndReason::disabled; });
  office.run(office.administration.setEnabled("alice@mail.test", true));
  const auto late = office.login("alice@mail.test", "b");  // by a login that began before
  office.until([&] { return late->ending() == login::EndReason::disabled; });
  const auto later = office.login("alice@mail.test", "c", seen());
  office.until([&] { return office.listed().size() == 3; });
  CHECK_FALSE(later->ending());
}

TEST_CASE("a database that has lost the list is told it again", "[accountd][database]") {
  Office office;
  const auto alice = office.login("alice@mail.test", "a");
  office.until([&] { return office.listed().size() == 1; });
  office.testDatabase.transact(
      [](db::Transaction& transaction) { transaction.exec("TRUNCATE posthouse.session, posthouse.front_end"); });
  CHECK(office.listed().empty());
  office.until([&] { return office.listed().size() == 1; });
  CHECK_FALSE(alice->ending());
}
