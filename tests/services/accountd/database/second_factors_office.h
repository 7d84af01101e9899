#pragma once
#include <catch2/catch.hpp>

#include "administration/administration.h"
#include "administration/app_passwords.h"
#include "administration/totp.h"
#include "base/base64.h"
#include "crypto/one_time_code.h"
#include "logins/store_credentials.h"
#include "logins/store_second_factors.h"
#include "mechanisms/scram.h"
#include "metrics.h"
#include "scram_client.h"
#include "support/quiet_sink.h"
#include "support/test_database.h"

/// Second factors as they are administered, and logins that meet them.
namespace posthouse::accountd::second_factors {

using namespace std::chrono_literals;
using Result = Outcome::Result;

inline constexpr crypto::PasswordCost kCheap{.passes = 1, .memory = 8 * 1024};

/// What base32::encode has written.
inline std::string unbase32(std::string_view text) {
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

inline const std::string kAlice = "alice@mail.test";

}  // namespace posthouse::accountd::second_factors
