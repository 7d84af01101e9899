// Each program can do its work with its own role, and nothing that is not its work (ARCHITECTURE.md, rule 6).
#include <algorithm>
#include <catch2/catch.hpp>
#include <pqxx/except>

#include "store/account_repository.h"
#include "store/administrator_repository.h"
#include "store/app_password_repository.h"
#include "store/audit_repository.h"
#include "store/change_repository.h"
#include "store/client_certificate_repository.h"
#include "store/collector.h"
#include "store/delivery_repository.h"
#include "store/group_repository.h"
#include "store/keyword_repository.h"
#include "store/mailbox_repository.h"
#include "store/maildrop_repository.h"
#include "store/message_repository.h"
#include "store/migrations.h"
#include "store/queue_repository.h"
#include "store/send_as_repository.h"
#include "store/session_repository.h"
#include "store/totp_repository.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::store;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPrograms[] = {"accountd", "smtpd",        "relayd",  "lmtp_delivery", "pop3d",
                                     "imapd",    "managesieved", "filterd", "webd"};

/// A transaction as one program's role.
class As {
 public:
  As(const test::TestDatabase& database, std::string_view program)
      : connection_(database.urlAs("posthouse_" + std::string(program)), program), transaction_(connection_) {
    connection_.script("BEGIN");
  }
  ~As() { connection_.commit(); }
  operator db::Transaction&() { return transaction_; }  // NOLINT
  db::Transaction* operator->() { return &transaction_; }

 private:
  db::Connection connection_;
  db::Transaction transaction_;
};

const std::string kMail = "Subject: x\r\n\r\nbody\r\n";
const std::string kLarge = kMail + std::string(400'000, 'x');

}  // namespace

TEST_CASE("each program does its work with its own role", "[store]") {
  test::TestDatabase database;
  AccountId alice{};
  {
    As accountd(database, "accountd");
    CHECK(DomainRepository(accountd).add("mail.test"));
    alice = AccountRepository(accountd).create("alice", "mail.test", "$argon2id$").value();
    CHECK(CredentialRepository(accountd).find("alice@mail.test"));
    CHECK(QuotaRepository(accountd).set(alice, 1'000'000'000));
    CHECK(AliasRepository(accountd).add("sales", "mail.test", {"alice@mail.test"}));
    CHECK(AccountRepository(accountd).list("", "", 10).size() == 1);
    CHECK(AccountRepository(accountd).create("gone", "mail.test", ""));
    CHECK(AccountRepository(accountd).remove("gone@mail.test"));
    CHECK(DomainRepository(accountd).list().size() == 1);
    DomainRepository(accountd).set("mail.test", {.catchAll = "alice@mail.test"});
    const auto staff = AccountRepository(accountd).create("staff", "mail.test", "", 0, AccountKind::group).value();
    GroupRepository groups(accountd);
    groups.add(staff, {alice});
    groups.setMembersOnly(staff, true);
    CHECK(groups.members(staff) == std::vector<Member>{{alice, "alice@mail.test"}});
    groups.remove(staff, {alice});
    CHECK(AccountRepository(accountd).remove("staff@mail.test"));
    CHECK(AdministratorRepository(accountd).add(alice, "mail.test"));
    CHECK(AdministratorRepository(accountd).list() == std::vector<Administrator>{{"alice@mail.test", "mail.test"}});
    CHECK(AdministratorRepository(accountd).remove(alice, "mail.test"));
    SendAsRepository(accountd).add(alice, {"@x.test"});
    CHECK(SendAsRepository(accountd).hasAny(alice, {"y", "@x.test"}));
    SendAsRepository(accountd).remove(alice, {"@x.test"});
    CHECK(SendAsRepository(accountd).list(alice).empty());
    ClientCertificateRepository certificates(accountd);
    const ClientCertificate certificate{
        std::string(32, 'f'), "laptop", "CN=x", std::chrono::sys_days(std::chrono::year(9999) / 1 / 1), {}};
    CHECK(certificates.add(alice, certificate));
    CHECK_FALSE(certificates.add(alice, certificate));
    CHECK(certificates.holder(certificate.fingerprint)->address == "alice@mail.test");
    CHECK(certificates.list(alice).at(0).notAfter == certificate.notAfter);
    CHECK(certificates.individuals({"alice@mail.test", "sales@mail.test"}).size() == 1);
    CHECK(certificates.remove(alice, certificate.fingerprint));
    CHECK_FALSE(certificates.remove(alice, certificate.fingerprint));
    AppPasswordRepository appPasswords(accountd);
    AppPassword wanted;
    wanted.label = "x";
    wanted.protocols = {"imap"};
    CHECK(appPasswords.add(alice, wanted, {"digest", ""}));
    CHECK(appPasswords.find(alice, "digest")->protocols == std::vector<std::string>{"imap"});
    appPasswords.noteUses({{appPasswords.list(alice)[0].id, std::chrono::system_clock::now(), "imap", "192.0.2.1"}});
    CHECK(appPasswords.list(alice)[0].usedAddress == "192.0.2.1");
    CHECK(appPasswords.remove(alice, "x"));
    TotpRepository totp(accountd);
    CHECK(totp.enroll(alice, "sealed"));
    totp.countWrongCode(alice);
    CHECK(totp.hold(alice, 2));
    CHECK_FALSE(totp.hold(alice, 1));
    CHECK(totp.takeStep(alice, 1, "sealed"));
    totp.setRecoveryCodes(alice, {"a", "b"});
    CHECK(totp.takeRecoveryCode(alice, "a"));
    CHECK(totp.remove(alice));
    SessionRepository sessions(accountd);
    const FrontEnd frontEnd{"f", 1, "imapd", "a"};
    CHECK(sessions.attach(frontEnd));
    CHECK(sessions.report(frontEnd, {{"s", alice, "imap", "192.0.2.1", "PLAIN"}}, {})->empty());
    CHECK(sessions.keep({"f"}).size() == 1);
    CHECK(sessions.list({}, "", 10, std::chrono::seconds(30)).size() == 1);
    sessions.end(alice, EndReason::loggedOut);
    CHECK(sessions.endingsSince(0).endings.size() == 1);
    CHECK(sessions.pruneEndings(std::chrono::seconds(-1)) == 1);
    sessions.forgetLost(std::chrono::seconds(30));
    sessions.detach(frontEnd);
    AuditRepository audit(accountd);
    audit.record({{.actor = "", .peer = "local:0", .action = "x", .object = "y", .domain = "", .details = "{}"}});
    CHECK(audit.list({.since = {}, .object = "y", .actor = "", .domains = {}}, 0, 10).size() == 1);
    CHECK(audit.prune(std::chrono::system_clock::now() + std::chrono::hours(1), 10) == 1);
  }
  {
    As lmtp(database, "lmtp_delivery");
    for (const std::string* octets : {&kMail, &kLarge}) {
      const Delivery delivery{.account = alice, .retryKey = "key" + std::to_string(octets->size())};
      const auto answers = DeliveryRepository(lmtp).deliver(Content(*octets, 14, "", ""), {&delivery, 1},
                                                            DeliveryRepository::WhenBusy::report);
      CHECK(answers[0].status == DeliveryStatus::stored);
    }
    Collector collector(lmtp);
    CHECK(collector.collectEmails(alice, 10)->removed == 0);  // of the removed account
    CHECK(collector.collectBlobs(std::chrono::hours(1), 10).lookedAt == 0);
    CHECK(collector.sweepBlobs(std::chrono::hours(1), 10).lookedAt == 2);
    CHECK_FALSE(collector.pruneChangeLog(AccountId{0}, std::chrono::hours(1), 10));
    CHECK(collector.sweepKeys(std::chrono::hours(1), std::chrono::hours(1), std::chrono::hours(1), 10).removed == 0);
    CHECK(collector.backlog(std::chrono::hours(1)).blobs == 0);
  }
  {
    As smtpd(database, "smtpd");
    const std::vector<DeliveryKey> keys = {{alice, "key20"}};
    DeliveryRepository(smtpd).deleteRetryKeys(keys);
    const auto now = std::chrono::system_clock::now();
    const std::vector<QueuedRecipient> recipients = {
        {.address = "a@x.example", .originalRecipient = "", .notify = 0, .destination = "x.example", .nextAt = now}};
    const QueuedMessage message{.id = QueueId{9}, .sender = "", .envelopeId = "", .createdAt = now, .expiresAt = now};
    QueueRepository(smtpd).enqueue(message, recipients, Content(kLarge, 14, "", ""));
  }
  {
    As relayd(database, "relayd");
    QueueRepository queue(relayd);
    const auto claims = queue.claim(std::chrono::seconds(60), 5);
    REQUIRE(claims.size() == 1);
    CHECK(queue.load(claims[0]) == kLarge);
    queue.delayReported(claims[0]);
    CHECK(queue.counts().active.recipients == 1);
    CHECK(queue.list(QueueId{0}, 5).size() == 1);
    CHECK(queue.finish(claims) == 1);
  }
  {
    As imapd(database, "imapd");
    MailboxRepository mailboxes(imapd, alice);
    MessageRepository messages(imapd, alice);
    CHECK(mailboxes.list().size() == 6);
    const MailboxId made = mailboxes.create("a/b")->id;
    CHECK(mailboxes.subscribe("a/b"));
    CHECK(mailboxes.rename("a/b", "c"));
    CHECK(mailboxes.takeRecent(kInbox, mailboxes.find(kInbox)->uidNext) == Uid{1});
    CHECK(KeywordRepository(imapd, alice).ensure(std::vector<std::string>{"Work"}));
    CHECK(messages.append(made, Content(kLarge, 14, "", "")));
    CHECK(messages.view(kInbox)->messages.size() == 2);
    CHECK(messages.summaries(kInbox, UidSet::all()).size() == 2);
    CHECK(messages.read(kInbox, Uid{2}, 300'000, 10) == "xxxxxxxxxx");
    CHECK(messages.storeFlags(kInbox, UidSet::all(), FlagChange::add, Flag::seen).changed.count() == 2);
    CHECK(messages.copy(kInbox, {Uid{1}}, made));
    CHECK(messages.move(kInbox, {Uid{2}}, made));
    CHECK(messages.changesSince(kInbox, ModSeq{1})->vanished == UidSet{Uid{2}});
    CHECK(mailboxes.remove("c"));
    CHECK(QuotaRepository(imapd).get(alice)->usedMessages == 1);
    const std::vector<AccountId> accounts = {alice, AccountId{4711}};
    CHECK(ChangeRepository(imapd).modSeqs(accounts).size() == 1);
  }
  {
    As pop3d(database, "pop3d");
    CHECK(MailboxRepository(pop3d, alice).find(kInbox)->uidValidity > 0);
    const MaildropHolder holder{.account = alice, .id = "a"};
    CHECK(MaildropRepository(pop3d, alice).open("INBOX", holder, 30s, 0s).value().messages.size() == 1);
    CHECK(MaildropRepository(pop3d, alice).hold(holder, 30s));
    MaildropRepository(pop3d, alice).noteRetrieved(kInbox, UidSet{Uid{1}});
    CHECK(MaildropRepository(pop3d, alice).expired(kInbox, std::chrono::days(1), 10).empty());
    MaildropRepository::renew(pop3d, {holder}, 30s);
    MaildropRepository::release(pop3d, {holder});
    CHECK(MaildropRepository::processes(pop3d).empty());
    MaildropRepository::releaseOf(pop3d, {"x"});
    CHECK(MessageRepository(pop3d, alice).sizes(kInbox).size() == 1);
    CHECK(MessageRepository(pop3d, alice).read(kInbox, Uid{1}) == kMail);
    CHECK(MessageRepository(pop3d, alice).expunge(kInbox, {Uid{1}}, MessageRepository::Which::all).uids.count() == 1);
  }
}

TEST_CASE("credentials are accountd's alone", "[store]") {
  test::TestDatabase database;
  database.addAccount("alice", "$argon2id$secret");
  for (const std::string program : kPrograms) {
    if (program == "accountd") continue;
    CAPTURE(program);
    for (const char* statement : {"SELECT credential FROM posthouse.login",
                                  "SELECT * FROM posthouse.login",
                                  "UPDATE posthouse.login SET credential = ''",
                                  "SELECT * FROM posthouse.alias",
                                  "SELECT scram FROM posthouse.login",
                                  "SELECT * FROM posthouse.accountd_secret",
                                  "SELECT * FROM posthouse.client_certificate",
                                  "INSERT INTO posthouse.client_certificate VALUES ('', 1, '', '', now())",
                                  "SELECT * FROM posthouse.app_password",
                                  "SELECT label FROM posthouse.app_password",
                                  "INSERT INTO posthouse.app_password (account_id, label, digest, scram, protocols, "
                                  "networks) VALUES (1, 'x', '', "
                                  "'', '', '')",
                                  "DELETE FROM posthouse.app_password",
                                  "SELECT * FROM posthouse.totp",
                                  "DELETE FROM posthouse.totp",
                                  "SELECT * FROM posthouse.recovery_code",
                                  "SELECT * FROM posthouse.find_factors('alice@mail.test')",
                                  "SELECT posthouse.note_app_password_uses('{}', '{}', '{}', '{}')",
                                  "SELECT * FROM posthouse.membership",
                                  "SELECT * FROM posthouse.send_as",
                                  "SELECT * FROM posthouse.administrator",
                                  "SELECT * FROM posthouse.audit",
                                  "DELETE FROM posthouse.audit",
                                  "INSERT INTO posthouse.administrator VALUES (1, '')",
                                  "SELECT * FROM posthouse.domain",
                                  "UPDATE posthouse.account_state SET quota_bytes = 0",
                                  "SELECT posthouse.remove_account('alice@mail.test')",
                                  "SELECT * FROM posthouse.session",
                                  "SELECT * FROM posthouse.front_end",
                                  "SELECT * FROM posthouse.session_ending",
                                  "SELECT posthouse.end_sessions(1, '', 0::smallint)",
                                  "SELECT posthouse.create_accounts('{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')",
                                  "CREATE TABLE posthouse.mine (x int)",
                                  "CREATE FUNCTION posthouse.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'"}) {
      CAPTURE(statement);
      db::Connection connection(database.urlAs("posthouse_" + program), program);
      CHECK_THROWS_AS(connection.script(statement), pqxx::insufficient_privilege);
    }
    db::Connection connection(database.urlAs("posthouse_" + program), program);
    connection.script("SELECT version FROM posthouse.schema_version");
  }
}

TEST_CASE("programs do not reach into each other's data", "[store]") {
  test::TestDatabase database;
  database.addAccount("alice");
  const auto [program, statement] = GENERATE(table<std::string, std::string>({
      {"smtpd", "SELECT * FROM posthouse.msg"},
      {"smtpd", "SELECT * FROM posthouse.blob"},
      {"smtpd", "SELECT * FROM posthouse.queue_msg"},
      {"smtpd", "SELECT posthouse.expunge(1, 1, '{[1,2)}', false)"},
      {"relayd", "SELECT * FROM posthouse.msg"},
      {"relayd", "SELECT * FROM posthouse.account"},
      {"lmtp_delivery", "SELECT * FROM posthouse.email"},
      {"lmtp_delivery", "SELECT * FROM posthouse.blob"},
      {"pop3d", "DELETE FROM posthouse.msg"},
      {"pop3d", "SELECT * FROM posthouse.queue_rcpt"},
      {"pop3d", "DELETE FROM posthouse.pop3_session"},
      {"imapd", "SELECT * FROM posthouse.pop3_session"},
      {"imapd", "SELECT * FROM posthouse.queue_rcpt"},
      {"imapd", "DELETE FROM posthouse.msg"},
      {"imapd", "UPDATE posthouse.email SET envelope = ''"},
      {"filterd", "SELECT * FROM posthouse.msg"},
      {"webd", "SELECT * FROM posthouse.msg"},
      {"managesieved", "SELECT * FROM posthouse.mailbox"},
      {"accountd", "SELECT * FROM posthouse.email"},
      {"accountd", "SELECT * FROM posthouse.blob"},
      {"accountd", "UPDATE posthouse.app_password SET digest = ''"},
      {"accountd", "UPDATE posthouse.audit SET actor = ''"},  // nobody rewrites what was done
  }));
  CAPTURE(program, statement);
  db::Connection connection(database.urlAs("posthouse_" + program), program);
  CHECK_THROWS_AS(connection.script(statement), pqxx::insufficient_privilege);
}

TEST_CASE("no role lets a statement go on that nobody waits for, and an administrator may say how long", "[store]") {
  const test::TestDatabase database;
  const auto limit = [&](std::string_view program) {
    db::Connection connection(database.urlAs("posthouse_" + std::string(program)), program);
    return db::Transaction(connection).exec1("SELECT current_setting('statement_timeout')")[0].get<std::string>(0);
  };
  for (const std::string_view program : kPrograms) {
    CAPTURE(program);
    CHECK(limit(program) == (program == "accountd" ? "10min" : "1min"));
  }
  db::Connection administrator(database.url(), "administrator");
  administrator.script("ALTER ROLE posthouse_webd SET statement_timeout = '7s'");
  administrator.script(std::ranges::find(migrations(), 17, &db::Migration::version)->sql);
  CHECK(limit("webd") == "7s");
  administrator.script("ALTER ROLE posthouse_webd SET statement_timeout = '60s'");
}
