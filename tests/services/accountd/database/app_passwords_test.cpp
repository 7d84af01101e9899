// App passwords: as they are administered, and as logins meet them.
#include "second_factors_office.h"

using namespace posthouse;
using namespace posthouse::accountd;
using namespace posthouse::accountd::second_factors;

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
