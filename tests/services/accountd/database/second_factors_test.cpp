// TOTP, recovery codes and domains that want two factors: as they are administered, and as logins meet them.
#include "async/task_group.h"
#include "second_factors_office.h"
#include "support/series.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace posthouse::accountd::second_factors;

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
