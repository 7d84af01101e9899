// App passwords, TOTP and domains that want two factors: as they are administered, and as logins meet them.
#include <catch2/catch.hpp>

#include "administration/administration.h"
#include "administration/app_passwords.h"
#include "administration/totp.h"
#include "async/task_group.h"
#include "base/base64.h"
#include "crypto/one_time_code.h"
#include "logins/store_credentials.h"
#include "logins/store_second_factors.h"
#include "mechanisms/scram.h"
#include "metrics.h"
#include "scram_client.h"
#include "support/quiet_sink.h"
#include "support/series.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace std::chrono_literals;
using Result = Outcome::Result;

namespace {

constexpr crypto::PasswordCost kCheap{.passes = 1, .memory = 8 * 1024};

/// What base32::encode has written.
std::string unbase32(std::string_view text) {
  std::string octets;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    bits = bits << 5 | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    if ((count += 5) < 8) continue;
    count -= 8;
    octets += static_cast<char>(bits >> count & 0xFF);
  }
  return octets;
}

/// One accountd's part in logins: several may stand over one database.
struct Instance {
  Instance(net::Loop& loop, db::Database& database, PasswordWorkers& workers, const crypto::SealingKeys& keys,
           observe::LogSink& sink, WallClock clock, std::uint32_t iterations = 4096)
      : credentials(database),
        factors(database, uses, keys, observe::Log(sink, "accountd", "test"), clock),
        authenticator(credentials, workers, verified, factors, {.cost = kCheap, .scramIterations = iterations}),
        scramMechanism("SCRAM-SHA-256", credentials, factors, iterations, false),
        loop_(loop) {}

  Outcome plain(const std::string& name, const std::string& password, const std::string& protocol = "imap",
                const std::string& from = "192.0.2.1", const std::string& code = "") {
    return loop_.runUntilDone(authenticator.authenticate({"", name, password, code, connection(protocol, from)}));
  }
  Outcome scram(test::ScramClient& client, const std::string& protocol = "imap",
                const std::string& from = "192.0.2.1") {
    return loop_.runUntilDone(scramMechanism.exchange(client.first(), connection(protocol, from), client));
  }
  Result scram(const std::string& name, const std::string& password, const std::string& protocol = "imap",
               const std::string& from = "192.0.2.1") {
    test::ScramClient client(name, password);
    const Outcome outcome = scram(client, protocol, from);
    CHECK(client.wasConvinced() == (outcome.result == Result::ok));
    return outcome.result;
  }
  /// What a stranger is shown.
  std::string saltOf(const std::string& name, const std::string& protocol = "imap") {
    test::ScramClient client(name, "no password of anybody");
    const Result result = scram(client, protocol).result;
    CHECK((result == Result::badPassword || result == Result::noSuchUser));
    return client.salt();
  }

  static Connection connection(const std::string& protocol, const std::string& from) {
    Connection connection;
    connection.protocol = protocol;
    connection.remoteAddress = from;
    return connection;
  }

  AppPasswordUses uses;
  VerifiedPasswords verified{100, 5min};
  StoreCredentials credentials;
  StoreSecondFactors factors;
  Authenticator authenticator;
  Scram scramMechanism;

 private:
  net::Loop& loop_;
};

struct Office {
  Office() {
    run(administration.addDomain("mail.test"));
    run(administration.addUser({"alice@mail.test", "secret"}));
  }

  template <class T>
  T run(Task<Answer<T>> task) {
    auto answer = loop.runUntilDone(std::move(task));
    if (!answer) throw std::runtime_error(answer.error().text);
    return *std::move(answer);
  }
  template <class T>
  Refusal::Kind refusal(Task<Answer<T>> task) {
    const auto answer = loop.runUntilDone(std::move(task));
    REQUIRE_FALSE(answer);
    CHECK_FALSE(answer.error().text.empty());
    return answer.error().kind;
  }
  std::string add(NewAppPassword wanted) {
    if (wanted.address.empty()) wanted.address = "alice@mail.test";
    return run(appPasswords.add(std::move(wanted))).password;
  }
  void sql(const std::string& statement) {
    testDatabase.transact([&](db::Transaction& transaction) { transaction.exec(statement); });
  }
  /// TOTP of alice's, in force; its secret.
  std::string enroll() {
    const std::string secret = unbase32(run(totp.enroll("alice@mail.test")).secret);
    codes = run(totp.confirm("alice@mail.test", code(secret))).codes;
    now += 30s;
    return secret;
  }
  std::string code(const std::string& secret, std::chrono::seconds later = 0s) {
    return crypto::oneTimeCode(secret, static_cast<std::uint64_t>(crypto::timeStep(now + later)));
  }

  net::Loop loop;
  test::TestDatabase testDatabase;
  prometheus::Registry registry;
  Metrics metrics{registry};
  db::Database database{
      loop, {.url = testDatabase.urlAs("posthouse_accountd"), .applicationName = "accountd", .poolSize = 4}, registry};
  std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
  const WallClock clock = [this] { return now; };
  crypto::SealingKeys keys = *crypto::SealingKeys::parse(base64::encode(std::string(32, 'k')));
  PasswordWorkers workers{loop, 2, 64, metrics.passwordQueue};
  Administration administration{database, workers, {.cost = kCheap, .scramIterations = 4096}};
  test::QuietSink sink{registry};
  Instance here{loop, database, workers, keys, sink, clock};
  Instance there{loop, database, workers, keys, sink, clock};
  AppPasswordOffice appPasswords{database, workers, here.credentials, 4096};
  TotpOffice totp{database, keys, {}, clock};
  std::vector<std::string> codes;  // recovery codes
};

const std::string kAlice = "alice@mail.test";

}  // namespace

TEST_CASE("an app password lets its program in, by PLAIN and by SCRAM, as it was shown and without hyphens",
          "[accountd][database]") {
  Office office;
  const std::string first = office.add({.address = "Alice@mail.test", .label = "Thunderbird"});
  const std::string second = office.add({.address = "", .label = "phone"});
  CHECK(first.size() == 24);
  CHECK(first != second);
  for (const std::string& password : {first, second}) {
    CAPTURE(password);
    std::string compact = password;
    std::erase(compact, '-');
    CHECK(office.here.plain(kAlice, password).result == Result::ok);
    CHECK(office.here.plain(kAlice, password).address == kAlice);
    CHECK(office.there.plain(kAlice, compact).result == Result::ok);
    CHECK(office.here.plain(kAlice, " " + compact).result == Result::ok);
    CHECK(office.here.scram(kAlice, password) == Result::ok);
    CHECK(office.there.scram(kAlice, compact) == Result::ok);
    std::string wrong = password;
    wrong.back() = wrong.back() == 'a' ? 'b' : 'a';
    CHECK(office.here.plain(kAlice, wrong).result == Result::badPassword);
    CHECK(office.here.scram(kAlice, wrong) == Result::badPassword);
    CHECK(office.here.plain("nobody@mail.test", password).result == Result::noSuchUser);
    CHECK(office.here.scram("nobody@mail.test", password) == Result::noSuchUser);
  }
  CHECK(office.here.plain(kAlice, "secret").result == Result::ok);
  CHECK(office.here.scram(kAlice, "secret") == Result::ok);

  office.run(office.appPasswords.remove(kAlice, "phone"));
  for (Instance* instance : {&office.here, &office.there}) {
    CHECK(instance->plain(kAlice, second).result == Result::badPassword);
    CHECK(instance->scram(kAlice, second) == Result::badPassword);
    CHECK(instance->scram(kAlice, first) == Result::ok);
  }
  office.run(office.administration.setEnabled(kAlice, false));
  CHECK(office.here.plain(kAlice, first).result == Result::disabled);
  CHECK(office.here.scram(kAlice, first) == Result::disabled);
}

TEST_CASE("an app password that is not for this is like a wrong one", "[accountd][database]") {
  Office office;
  const std::string imap = office.add({.address = "", .label = "a", .protocols = {"imap", "submission"}});
  const std::string near =
      office.add({.address = "", .label = "b", .networks = {"192.0.2.0/24", "2001:db8::/32", "198.51.100.7"}});
  const std::string brief = office.add({.address = "", .label = "c", .lifetime = 3600s});
  const auto lets = [&](const std::string& password, const std::string& protocol, const std::string& from) {
    const Result plain = office.here.plain(kAlice, password, protocol, from).result;
    CHECK(office.here.scram(kAlice, password, protocol, from) == plain);
    CHECK((plain == Result::ok || plain == Result::badPassword));
    return plain == Result::ok;
  };
  CHECK(lets(imap, "imap", "203.0.113.1"));
  CHECK(lets(imap, "submission", "203.0.113.1"));
  CHECK_FALSE(lets(imap, "pop3", "203.0.113.1"));
  CHECK_FALSE(lets(imap, "http", "203.0.113.1"));
  CHECK(lets(near, "pop3", "192.0.2.200"));
  CHECK(lets(near, "managesieve", "2001:db8::25"));
  CHECK(lets(near, "imap", "198.51.100.7"));
  CHECK(lets(near, "imap", "::ffff:192.0.2.9"));
  CHECK_FALSE(lets(near, "imap", "192.0.3.1"));
  CHECK_FALSE(lets(near, "imap", "2001:db9::25"));
  CHECK_FALSE(lets(near, "imap", ""));
  CHECK_FALSE(lets(near, "http", "192.0.2.200"));  // a way around the second factor
  CHECK(lets(brief, "imap", "203.0.113.1"));
  office.sql("UPDATE posthouse.app_password SET expires_at = clock_timestamp() WHERE label = 'c'");
  CHECK_FALSE(lets(brief, "imap", "203.0.113.1"));
}

TEST_CASE("the salt that SCRAM shows stays, whatever happens to an account's passwords", "[accountd][database]") {
  Office office;
  SECTION("a new password keeps it, and so do those that come later") {
    const std::string salt = office.here.saltOf(kAlice);
    const std::string app = office.add({.address = "", .label = "a"});
    office.run(office.administration.setPassword(kAlice, "another"));
    CHECK(office.here.saltOf(kAlice) == salt);
    CHECK(office.here.scram(kAlice, app) == Result::ok);
    CHECK(office.here.scram(kAlice, "another") == Result::ok);
    CHECK(office.here.scram(kAlice, "secret") == Result::badPassword);
    CHECK(office.here.scram(kAlice, office.add({.address = "", .label = "b"})) == Result::ok);

    office.run(office.appPasswords.remove(kAlice, "a"));
    office.run(office.appPasswords.remove(kAlice, "b"));
    office.run(office.administration.setPassword(kAlice, "a third"));
    CHECK(office.here.saltOf(kAlice) != salt);
  }
  SECTION("an account that has no keys shows what strangers show, and after its first login the same") {
    office.sql("UPDATE posthouse.login SET scram = ''");
    const std::string salt = office.here.saltOf(kAlice);
    const std::string app = office.add({.address = "", .label = "a", .protocols = {"imap"}});
    CHECK(office.here.saltOf(kAlice) == salt);
    CHECK(office.here.saltOf(kAlice, "pop3") == salt);  // where the app password is not good
    CHECK(office.here.scram(kAlice, app) == Result::ok);
    CHECK(office.here.scram(kAlice, "secret") == Result::badPassword);
    CHECK(office.here.plain(kAlice, "secret").result == Result::ok);  // makes keys
    CHECK(office.here.scram(kAlice, "secret") == Result::ok);
    CHECK(office.here.scram(kAlice, app) == Result::ok);
    CHECK(office.here.saltOf(kAlice) == salt);
  }
  SECTION("other iterations in the configuration are for those who have no app passwords") {
    office.sql("UPDATE posthouse.login SET scram = ''");
    const std::string app = office.add({.address = "", .label = "a"});
    Instance later(office.loop, office.database, office.workers, office.keys, office.sink, office.clock, 5000);
    Administration administration(office.database, office.workers, {.cost = kCheap, .scramIterations = 5000});
    AppPasswordOffice appPasswords(office.database, office.workers, later.credentials, 5000);
    CHECK(later.saltOf(kAlice).ends_with(",i=4096"));
    CHECK(later.saltOf("nobody@mail.test").ends_with(",i=5000"));
    CHECK(later.scram(kAlice, app) == Result::ok);
    CHECK(later.scram(kAlice, office.run(appPasswords.add({.address = kAlice, .label = "b"})).password) == Result::ok);
    office.run(administration.setPassword(kAlice, "another"));
    CHECK(later.scram(kAlice, "another") == Result::ok);
    CHECK(later.scram(kAlice, app) == Result::ok);
    CHECK(later.saltOf(kAlice).ends_with(",i=4096"));
    for (const char* label : {"a", "b"}) office.run(appPasswords.remove(kAlice, label));
    office.run(administration.setPassword(kAlice, "a third"));
    CHECK(later.saltOf(kAlice).ends_with(",i=5000"));
  }
  SECTION("SCRAM may be turned off, and on again") {
    Administration without(office.database, office.workers, {.cost = kCheap, .scramIterations = 0});
    office.run(without.setPassword(kAlice, "another"));
    const std::string app = office.add({.address = "", .label = "a"});
    office.run(without.setPassword(kAlice, "a third"));
    CHECK(office.here.scram(kAlice, app) == Result::ok);
    CHECK(office.here.plain(kAlice, "a third").result == Result::ok);
    CHECK(office.here.scram(kAlice, "a third") == Result::ok);
    CHECK(office.here.scram(kAlice, app) == Result::ok);
  }
}

TEST_CASE("keys that do not fit the app passwords are not kept", "[accountd][database]") {
  Office office;
  office.add({.address = "", .label = "a"});
  // As of somebody who set a password while the app password was made.
  const Secrets late = deriveSecrets("late", {.cost = kCheap, .scramIterations = 4096});
  office.testDatabase.transact([&](db::Transaction& transaction) {
    CHECK(store::CredentialRepository(transaction).set(kAlice, {late.phc, late.scram}));
    CHECK(store::CredentialRepository(transaction).find(kAlice)->scram.empty());
    CHECK(store::CredentialRepository(transaction).find(kAlice)->phc == late.phc);
  });
  CHECK(office.here.plain(kAlice, "late").result == Result::ok);
  CHECK(office.here.scram(kAlice, "late") == Result::ok);
}

TEST_CASE("what cannot be an app password is refused", "[accountd][database]") {
  Office office;
  office.add({.address = "", .label = "taken"});
  const auto refused = [&](NewAppPassword wanted) {
    return office.refusal(office.appPasswords.add(std::move(wanted)));
  };
  CHECK(refused({.address = kAlice, .label = "taken"}) == Refusal::Kind::exists);
  CHECK(refused({.address = kAlice, .label = ""}) == Refusal::Kind::invalid);
  CHECK(refused({.address = kAlice, .label = std::string(101, 'x')}) == Refusal::Kind::invalid);
  CHECK(refused({.address = kAlice, .label = "a\nb"}) == Refusal::Kind::invalid);
  CHECK(refused({.address = kAlice, .label = "\xff"}) == Refusal::Kind::invalid);
  CHECK(refused({.address = kAlice, .label = "x", .protocols = {"imap", "http"}}) == Refusal::Kind::invalid);
  CHECK(refused({.address = kAlice, .label = "x", .networks = {"192.0.2.0/33"}}) == Refusal::Kind::invalid);
  CHECK(refused({.address = kAlice, .label = "x", .networks = {"example.org"}}) == Refusal::Kind::invalid);
  CHECK(refused({.address = kAlice, .label = "x", .lifetime = -1s}) == Refusal::Kind::invalid);
  CHECK(refused({.address = "nobody@mail.test", .label = "x"}) == Refusal::Kind::notFound);
  CHECK(office.refusal(office.appPasswords.remove(kAlice, "x")) == Refusal::Kind::notFound);
  CHECK(office.refusal(office.appPasswords.list("nobody@mail.test")) == Refusal::Kind::notFound);
  office.run(office.administration.addGroup({.address = "staff@mail.test", .members = {kAlice}}));
  CHECK(refused({.address = "staff@mail.test", .label = "x"}) == Refusal::Kind::notFound);

  office.sql(
      "INSERT INTO posthouse.app_password (account_id, label, digest, scram, protocols, networks) SELECT account_id, "
      "n, "
      "n::bytea, '', 'imap', '' FROM posthouse.login, generate_series(1, 99) g, LATERAL (SELECT g::text AS n) t WHERE "
      "login_norm = 'alice@mail.test'");
  CHECK(refused({.address = kAlice, .label = "one more"}) == Refusal::Kind::limit);
}

TEST_CASE("a list shows all of an app password but the password, and its last use", "[accountd][database]") {
  Office office;
  const std::string password = office.add({.address = "",
                                           .label = "b",
                                           .protocols = {"pop3", "imap", "imap"},
                                           .networks = {"192.0.2.0/24"},
                                           .lifetime = 90s});
  office.add({.address = "", .label = "a"});
  auto list = office.run(office.appPasswords.list(kAlice)).appPasswords;
  REQUIRE(list.size() == 2);
  CHECK(list[0].label == "a");
  CHECK(list[0].protocols.size() == 4);
  CHECK(list[0].networks.empty());
  CHECK_FALSE(list[0].expiresAt);
  CHECK(list[1].protocols == std::vector<std::string>{"imap", "pop3"});
  CHECK(list[1].networks == std::vector<std::string>{"192.0.2.0/24"});
  CHECK(*list[1].expiresAt - list[1].createdAt == 90s);
  CHECK_FALSE(list[1].usedAt);

  CHECK(office.here.plain(kAlice, password, "imap", "192.0.2.7").result == Result::ok);
  CHECK(office.there.plain(kAlice, password, "imap", "203.0.113.1").result == Result::badPassword);
  const auto write = [&](const std::vector<store::AppPasswordUse>& uses) {
    const auto job = [&](db::Transaction& transaction) { store::AppPasswordRepository(transaction).noteUses(uses); };
    office.loop.runUntilDone(office.database.transact(job));
  };
  CHECK(office.there.uses.due().empty());
  std::vector<store::AppPasswordUse> uses = office.here.uses.due();
  write(uses);
  list = office.run(office.appPasswords.list(kAlice)).appPasswords;
  CHECK(list[1].usedAt);
  CHECK(list[1].usedProtocol == "imap");
  CHECK(list[1].usedAddress == "192.0.2.7");
  CHECK_FALSE(list[0].usedAt);

  uses[0].at -= 10s;  // another instance's, which comes late
  uses[0].address = "192.0.2.8";
  write(uses);
  CHECK(office.run(office.appPasswords.list(kAlice)).appPasswords[1].usedAddress == "192.0.2.7");
  office.run(office.appPasswords.remove(kAlice, "b"));
  uses[0].at += 20s;
  write(uses);
}

TEST_CASE("TOTP is in force once it was confirmed, and takes each code once", "[accountd][database]") {
  Office office;
  const TotpEnrolment enrolment = office.run(office.totp.enroll(kAlice));
  const std::string secret = unbase32(enrolment.secret);
  CHECK(secret.size() == 20);
  CHECK(enrolment.uri == "otpauth://totp/mail.test:alice%40mail.test?secret=" + enrolment.secret +
                             "&issuer=mail.test&algorithm=SHA1&digits=6&period=30");
  CHECK(office.here.plain(kAlice, "secret").result == Result::ok);  // not in force
  CHECK(office.here.plain(kAlice, "secret", "http").result == Result::ok);
  CHECK(office.refusal(office.totp.confirm(kAlice, "no code")) == Refusal::Kind::invalid);
  CHECK(office.refusal(office.totp.makeRecoveryCodes(kAlice)) == Refusal::Kind::notFound);
  CHECK_FALSE(office.run(office.totp.status(kAlice)).isInForce);
  const std::string unused = office.run(office.totp.enroll(kAlice)).secret;  // in its place
  CHECK(office.refusal(office.totp.confirm(kAlice, office.code(secret))) == Refusal::Kind::invalid);
  const std::string current = unbase32(unused);
  CHECK(office.run(office.totp.confirm(kAlice, office.code(current))).codes.size() == 10);
  CHECK(office.refusal(office.totp.enroll(kAlice)) == Refusal::Kind::exists);
  CHECK(office.refusal(office.totp.confirm(kAlice, office.code(current))) == Refusal::Kind::exists);

  const auto login = [&](Instance& instance, const std::string& code) {
    return instance.plain(kAlice, "secret", "http", "192.0.2.1", code).result;
  };
  CHECK(login(office.here, "") == Result::needsCode);
  CHECK(login(office.here, office.code(current)) == Result::badCode);  // it was the confirmation
  office.now += 30s;
  CHECK(login(office.here, office.code(current)) == Result::ok);
  CHECK(login(office.here, office.code(current)) == Result::badCode);
  CHECK(login(office.there, office.code(current)) == Result::badCode);
  CHECK(login(office.there, office.code(current, 30s)) == Result::ok);
  CHECK(login(office.here, office.code(current, 60s)) == Result::badCode);
  CHECK(office.here.plain(kAlice, "secret").result == Result::needsAppPassword);
  CHECK(office.here.scram(kAlice, "secret") == Result::needsAppPassword);
  CHECK(office.here.scram(kAlice, "wrong") == Result::badPassword);
  CHECK(office.here.scram(kAlice, "secret", "http") == Result::needsCode);
  CHECK(office.here.scram(kAlice, office.add({.address = "", .label = "a"})) == Result::ok);

  office.run(office.totp.remove(kAlice));
  CHECK(office.here.plain(kAlice, "secret").result == Result::ok);
  CHECK(office.refusal(office.totp.remove(kAlice)) == Refusal::Kind::notFound);
}

namespace {
Task<> tryCode(Instance& instance, std::string code, int& taken) {
  const Outcome outcome =
      co_await instance.authenticator.authenticate({"", kAlice, "secret", code, Instance::connection("http", "")});
  if (outcome.result == Result::ok) ++taken;
}

Task<> tryAll(Office& office, std::string code, int& taken) {
  TaskGroup group;
  for (int i = 0; i < 8; ++i) group.spawn(tryCode(i % 2 == 0 ? office.here : office.there, code, taken));
  co_await group.drained();
}
}  // namespace

TEST_CASE("of many who bring one code at once, one is let in", "[accountd][database]") {
  Office office;
  const std::string secret = office.enroll();
  for (const std::string& code : {office.code(secret), office.codes[0]}) {
    int taken = 0;
    office.loop.runUntilDone(tryAll(office, code, taken));
    CHECK(taken == 1);
  }
}

TEST_CASE("a recovery code does once instead of a code", "[accountd][database]") {
  Office office;
  office.enroll();
  REQUIRE(office.codes.size() == 10);
  const auto login = [&](const std::string& code) {
    return office.here.plain(kAlice, "secret", "http", "192.0.2.1", code).result;
  };
  CHECK(login(office.codes[3]) == Result::ok);
  CHECK(login(office.codes[3]) == Result::badCode);
  CHECK(office.run(office.totp.status(kAlice)).recoveryCodes == 9);
  CHECK(office.here.plain(kAlice, "wrong", "http", "", office.codes[4]).result == Result::badPassword);  // is not lost
  CHECK(login(office.codes[4]) == Result::ok);
  const auto fresh = office.run(office.totp.makeRecoveryCodes(kAlice)).codes;
  CHECK(login(office.codes[5]) == Result::badCode);
  CHECK(login(fresh[0]) == Result::ok);
}

TEST_CASE("after 100 wrong codes no code lets in, wherever it comes from, until a recovery code did",
          "[accountd][database]") {
  Office office;
  std::string secret = office.enroll();
  int guesses = 0;
  const auto guess = [&](int many) {
    int let = 0;
    for (int i = 0; i < many; ++i, ++guesses) {
      Instance& instance = guesses % 2 == 0 ? office.here : office.there;
      const std::string network = "203.0." + std::to_string(guesses) + ".1";
      if (instance.plain(kAlice, "secret", "http", network, "12345").result != Result::badCode) ++let;
    }
    return let;
  };
  const auto login = [&](const std::string& code) {
    const Result result = office.there.plain(kAlice, "secret", "http", "192.0.2.1", code).result;
    CHECK((result == Result::ok || result == Result::badCode));
    return result == Result::ok;
  };
  const auto next = [&] {
    office.now += 30s;
    return office.code(secret);
  };
  const auto warnings = [&] {
    return test::valueOf(office.registry, "posthouse_log_events_total{level=\"warn\"}").value_or(0);
  };
  CHECK(guess(99) == 0);
  CHECK(login(next()));  // a right one begins the row anew
  CHECK(guess(99) == 0);
  CHECK_FALSE(office.run(office.totp.status(kAlice)).refusesCodes);
  CHECK(warnings() == 0);
  CHECK(guess(1) == 0);
  CHECK_FALSE(login(next()));
  CHECK(guess(5) == 0);
  CHECK_FALSE(login(next()));
  CHECK(office.run(office.totp.status(kAlice)).refusesCodes);
  CHECK(warnings() == 1);

  SECTION("a recovery code does, once") {
    CHECK_FALSE(login("aaaa-aaaa-aaaa-aaaa"));
    CHECK(office.run(office.totp.status(kAlice)).refusesCodes);
    CHECK(login(office.codes[0]));
    CHECK_FALSE(login(office.codes[0]));
    CHECK_FALSE(office.run(office.totp.status(kAlice)).refusesCodes);
    CHECK(login(next()));
  }
  SECTION("so does one of those that were made since") {
    const RecoveryCodes made = office.run(office.totp.makeRecoveryCodes(kAlice));
    CHECK_FALSE(login(next()));
    CHECK(login(made.codes[0]));
    CHECK(login(next()));
  }
  SECTION("or a new secret") {
    office.run(office.totp.remove(kAlice));
    secret = office.enroll();
    CHECK(login(next()));
  }
}

TEST_CASE("of wrong codes that come at once, each is counted", "[accountd][database]") {
  Office office;
  const std::string secret = office.enroll();
  int taken = 0;
  for (int round = 0; round < 12; ++round) office.loop.runUntilDone(tryAll(office, "12345", taken));
  CHECK(office.run(office.totp.status(kAlice)).refusesCodes == false);
  const auto counted = [&] {
    return office.testDatabase.transact([](db::Transaction& transaction) {
      return transaction.exec1("SELECT wrong_codes FROM posthouse.totp")[0].get<int>(0);
    });
  };
  CHECK(counted() == 96);
  office.loop.runUntilDone(tryAll(office, "12345", taken));
  CHECK(counted() == 100);
  office.loop.runUntilDone(tryAll(office, office.code(secret), taken));
  CHECK(taken == 0);
}

TEST_CASE("a domain that wants two factors has them from that moment, in every instance", "[accountd][database]") {
  Office office;
  const std::string app = office.add({.address = "", .label = "a"});
  for (Instance* instance : {&office.here, &office.there})
    CHECK(instance->plain(kAlice, "secret").result == Result::ok);
  office.run(office.administration.setDomain("mail.test", {.twoFactorsRequired = true}));
  for (Instance* instance : {&office.here, &office.there}) {
    CHECK(instance->plain(kAlice, "secret").result == Result::needsAppPassword);
    CHECK(instance->scram(kAlice, "secret") == Result::needsAppPassword);
    CHECK(instance->plain(kAlice, "wrong").result == Result::badPassword);
    CHECK(instance->plain(kAlice, app).result == Result::ok);
    CHECK(instance->scram(kAlice, app) == Result::ok);
    CHECK(instance->plain(kAlice, "secret", "http").result == Result::needsCode);
  }
  office.run(office.administration.setDomain("mail.test", {.separators = "-"}));
  CHECK(office.here.plain(kAlice, "secret").result == Result::needsAppPassword);
  const std::string secret = office.enroll();
  CHECK(office.here.plain(kAlice, "secret", "http", "", office.code(secret)).result == Result::ok);
  office.run(office.administration.setDomain("mail.test", {.twoFactorsRequired = false}));
  office.run(office.totp.remove(kAlice));
  CHECK(office.here.plain(kAlice, "secret").result == Result::ok);
}

TEST_CASE("without a key nobody gets a secret, and with another key nobody is let in", "[accountd][database]") {
  Office office;
  const std::string secret = office.enroll();
  const crypto::SealingKeys none;
  TotpOffice without(office.database, none);
  CHECK(office.refusal(without.enroll(kAlice)) == Refusal::Kind::limit);
  const crypto::SealingKeys others = *crypto::SealingKeys::parse(base64::encode(std::string(32, 'x')));
  Instance lost(office.loop, office.database, office.workers, others, office.sink, office.clock);
  CHECK_THROWS_WITH(lost.plain(kAlice, "secret", "http", "", office.code(secret)),
                    Catch::Contains("sealing_keys") && Catch::Contains(kAlice));
  CHECK(lost.plain(kAlice, "secret", "http", "", office.codes[0]).result == Result::ok);
  office.testDatabase.transact([&](db::Transaction& transaction) {
    const auto row = transaction.exec1("SELECT secret FROM posthouse.totp");
    CHECK(row[0].view(0).find(secret) == std::string_view::npos);
  });
}

TEST_CASE("everybody has factors of their own, and administrators those of their domains", "[accountd][database]") {
  Office office;
  office.run(office.administration.addDomain("other.test"));
  for (const char* user : {"boss@mail.test", "chief@mail.test", "bob@mail.test", "eve@other.test"})
    office.run(office.administration.addUser({user, "secret"}));
  office.run(office.administration.addAdministrator("boss@mail.test", ""));
  office.run(office.administration.addAdministrator("chief@mail.test", "mail.test"));
  const auto [actor, object, expected] = GENERATE(table<std::string, std::string, std::optional<Refusal::Kind>>({
      {"alice@mail.test", "alice@mail.test", std::nullopt},
      {"alice@mail.test", "bob@mail.test", Refusal::Kind::notFound},
      {"eve@other.test", "alice@mail.test", Refusal::Kind::notFound},
      {"chief@mail.test", "alice@mail.test", std::nullopt},
      {"chief@mail.test", "eve@other.test", Refusal::Kind::notFound},
      {"chief@mail.test", "boss@mail.test", Refusal::Kind::forbidden},
      {"boss@mail.test", "eve@other.test", std::nullopt},
      {"", "boss@mail.test", std::nullopt},
  }));
  CAPTURE(actor, object);
  AppPasswordOffice appPasswords = office.appPasswords.as({actor, "test"});
  TotpOffice totp = office.totp.as({actor, "test"});
  const auto kind = [&](auto task) {
    const auto answer = office.loop.runUntilDone(std::move(task));
    return answer ? std::nullopt : std::optional(answer.error().kind);
  };
  CHECK(kind(appPasswords.add({.address = object, .label = "x"})) == expected);
  CHECK(kind(totp.enroll(object)) == expected);
  const bool maySee = !expected || *expected == Refusal::Kind::forbidden;
  CHECK(kind(appPasswords.list(object)) == (maySee ? std::nullopt : expected));
  CHECK(kind(totp.status(object)) == (maySee ? std::nullopt : expected));
  CHECK(kind(totp.remove(object)) == expected);
  CHECK(kind(appPasswords.remove(object, "x")) == expected);
  if (expected) {
    CHECK(kind(totp.confirm(object, "123456")) == expected);
    CHECK(kind(totp.makeRecoveryCodes(object)) == expected);
  }
}

TEST_CASE("the audit tells of factors, and no secret", "[accountd][database]") {
  Office office;
  const std::string password = office.add({.address = "", .label = "a", .networks = {"192.0.2.0/24"}, .lifetime = 90s});
  office.run(office.appPasswords.remove(kAlice, "a"));
  office.enroll();
  office.run(office.totp.makeRecoveryCodes(kAlice));
  office.run(office.totp.remove(kAlice));
  office.run(office.administration.setDomain("mail.test", {.twoFactorsRequired = true}));
  const auto entries = office.run(office.administration.audit({.since = {}, .object = "", .actor = ""}, 0));
  std::vector<std::string> actions;
  for (const store::AuditEntry& entry : entries) {
    actions.push_back(entry.action);
    for (const std::string& code : office.codes) CHECK_FALSE(entry.details.contains(code));
    CHECK_FALSE(entry.details.contains(password));
  }
  CHECK(actions == std::vector<std::string>{"domain.add", "user.add", "user.app-password.add",
                                            "user.app-password.remove", "user.totp.enroll", "user.totp.confirm",
                                            "user.totp.recovery-codes", "user.totp.off", "domain.set"});
  CHECK(
      entries[2].details ==
      R"({"label": "a", "networks": ["192.0.2.0/24"], "protocols": ["imap", "pop3", "submission", "managesieve"], "lifetime_seconds": 90})");
  CHECK(entries.back().details == R"({"two_factors_required": {"to": true, "from": false}})");
}

TEST_CASE("an account that is gone leaves no factor", "[accountd][database]") {
  Office office;
  office.enroll();
  office.add({.address = "", .label = "a"});
  office.run(office.administration.removeUser(kAlice));
  office.testDatabase.transact([](db::Transaction& transaction) {
    for (const char* table : {"app_password", "totp", "recovery_code"})
      CHECK(transaction.exec1("SELECT count(*) FROM posthouse." + std::string(table))[0].get<std::int64_t>(0) == 0);
  });
}
