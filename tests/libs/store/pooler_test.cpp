// No state is kept in a database session: everything works through PgBouncer in transaction mode.
#include <prometheus/registry.h>

#include <catch2/catch.hpp>

#include "async/task_group.h"
#include "db/database.h"
#include "net/loop.h"
#include "store/consistency.h"
#include "store/delivery_repository.h"
#include "store/mailbox_repository.h"
#include "store/message_repository.h"
#include "support/pooler.h"

using namespace posthouse;
using namespace posthouse::store;

TEST_CASE("deliveries, appends and reads go through a pooler that mixes the connections of its clients", "[store]") {
  constexpr int kRounds = 25;
  test::TestDatabase stored;
  const std::vector<AccountId> accounts = {stored.addAccount("alice"), stored.addAccount("bob")};
  const test::Pooler pooler(stored);
  net::Loop loop;
  prometheus::Registry registry;
  const auto options = [&](const char* role) {
    // Patience is not what is tried here: a busy machine is given time.
    db::Options patient{
        .url = pooler.urlAs(role), .applicationName = "test", .poolSize = 4, .preparedStatements = true};
    patient.connectPatience = patient.queuePatience = patient.statementTimeout = std::chrono::minutes(1);
    return patient;
  };
  db::Database deliveries(loop, options("posthouse_lmtp_delivery"), registry);
  db::Database mailboxes(loop, options("posthouse_imapd"), registry);

  const std::string octets = "Subject: x\r\n\r\nHow are you?\r\n";
  const Content content(octets, 14, "(envelope)", "(structure)");
  std::deque<Delivery> keyed;
  TaskGroup group([](const std::exception_ptr& failure) { CHECK_NOTHROW(std::rethrow_exception(failure)); });
  for (int i = 0; i < kRounds; ++i) {
    for (const AccountId account : accounts) {
      const Delivery& delivery = keyed.emplace_back(Delivery{.account = account, .queueKey = "Q" + std::to_string(i)});
      group.spawn(deliveries.single(
          [&content, &delivery](db::Transaction& transaction) {
            const auto wait = DeliveryRepository::WhenBusy::wait;
            (void)DeliveryRepository(transaction).deliver(content, std::span(&delivery, 1), wait);
          },
          db::Repeat::harmless));
      group.spawn(mailboxes.transactFor(account, [&content, account](db::Transaction& transaction) {
        (void)MessageRepository(transaction, account).append(kInbox, content).value();
      }));
      group.spawn(mailboxes.query([account](db::Transaction& transaction) {
        (void)MailboxRepository(transaction, account).find("INBOX").value();
      }));
    }
  }
  loop.runUntilDone(group.drained());

  for (const AccountId account : accounts) {
    const auto look = [account](db::Transaction& transaction) {
      return MailboxRepository(transaction, account).find("INBOX").value();
    };
    CHECK(loop.runUntilDone(mailboxes.query(look)).messages == 2 * kRounds);
    CHECK(stored.transact([&](db::Transaction& transaction) { return checkAccount(transaction, account); }).empty());
  }
}
