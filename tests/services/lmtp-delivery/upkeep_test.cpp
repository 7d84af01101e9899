#include "upkeep.h"

#include <prometheus/text_serializer.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "async/task_group.h"
#include "store/delivery_repository.h"
#include "store/message_repository.h"
#include "support/quiet_sink.h"
#include "support/test_database.h"

using namespace posthouse;
using namespace posthouse::lmtp_delivery;

namespace {

struct Estate {
  test::TestDatabase stored;
  net::Loop loop;
  prometheus::Registry registry;
  test::QuietSink sink{registry};
  observe::Log log{sink, "lmtp-delivery", "test"};
  Config config;
  db::Database database{
      loop, {.url = stored.urlAs("posthouse_lmtp_delivery"), .applicationName = "upkeep", .poolSize = 1}, registry};

  std::string metrics() {
    std::ostringstream text;
    prometheus::TextSerializer().Serialize(text, registry.Collect());
    return text.str();
  }
};

}  // namespace

TEST_CASE("a round removes what is due and counts it", "[lmtp]") {
  Estate estate;
  const store::AccountId alice = estate.stored.addAccount("alice");
  const std::string mail = "Subject: x\r\n\r\nbody\r\n";
  const store::Delivery delivery{.account = alice, .queueKey = "q"};
  estate.stored.transact([&](db::Transaction& transaction) {
    store::DeliveryRepository(transaction)
        .deliver(store::Content(mail, 14, "", ""), {&delivery, 1}, store::DeliveryRepository::WhenBusy::wait);
    store::MessageRepository(transaction, alice)
        .expunge(store::kInbox, store::UidSet::all(), store::MessageRepository::Which::all);
    transaction.exec("UPDATE posthouse.delivery_key SET at = at - interval '31 days'");
    transaction.exec("UPDATE posthouse.change_log SET at = at - interval '31 days'");
  });
  Upkeep upkeep(estate.loop, estate.database, estate.config, estate.log, estate.registry);

  estate.loop.runUntilDone(upkeep.round({}));
  std::string metrics = estate.metrics();
  CHECK_THAT(metrics, Catch::Contains("posthouse_store_collected_total{kind=\"email\"} 1"));
  CHECK_THAT(metrics, Catch::Contains("posthouse_store_collected_total{kind=\"change_log\"} 1"));
  CHECK_THAT(metrics, Catch::Contains("posthouse_store_collected_total{kind=\"delivery_key\"} 1"));
  CHECK_THAT(metrics, Catch::Contains("posthouse_store_collected_total{kind=\"blob\"} 0"));

  // The body waits for its grace.
  estate.config.bodyGrace = std::chrono::milliseconds(0);
  estate.loop.runUntilDone(upkeep.round({}));
  metrics = estate.metrics();
  CHECK_THAT(metrics, Catch::Contains("posthouse_store_collected_total{kind=\"blob\"} 1"));
  CHECK_THAT(metrics, Catch::Contains("posthouse_store_collected_bytes_total " + std::to_string(mail.size())));
  CHECK_THAT(metrics, Catch::Contains("posthouse_store_collector_backlog{kind=\"blobs\"} 0"));
}

TEST_CASE("one kind of work that fails holds up no other", "[lmtp]") {
  Estate estate;
  const store::AccountId alice = estate.stored.addAccount("alice");
  const std::string mail = "Subject: x\r\n\r\nbody\r\n";
  const store::Delivery delivery{.account = alice, .queueKey = "q"};
  estate.stored.transact([&](db::Transaction& transaction) {
    store::DeliveryRepository(transaction)
        .deliver(store::Content(mail, 14, "", ""), {&delivery, 1}, store::DeliveryRepository::WhenBusy::wait);
    transaction.exec("UPDATE posthouse.delivery_key SET at = at - interval '31 days'");
    transaction.exec("DROP FUNCTION posthouse.collect_emails");
  });
  Upkeep upkeep(estate.loop, estate.database, estate.config, estate.log, estate.registry);
  estate.loop.runUntilDone(upkeep.round({}));
  CHECK_THAT(estate.metrics(), Catch::Contains("posthouse_store_collected_total{kind=\"delivery_key\"} 1"));
}

TEST_CASE("upkeep ends when it is told to, and outlives a database that is away", "[lmtp]") {
  Estate estate;
  db::Database nowhere(estate.loop,
                       {.url = "host=/nowhere",
                        .applicationName = "upkeep",
                        .poolSize = 1,
                        .connectPatience = std::chrono::milliseconds(10)},
                       estate.registry);
  const bool isAway = GENERATE(false, true);
  Upkeep upkeep(estate.loop, isAway ? nowhere : estate.database, estate.config, estate.log, estate.registry);
  std::stop_source stop;
  TaskGroup group;
  group.spawn(upkeep.run(stop.get_token()));
  estate.loop.runUntilDone(estate.loop.sleep(std::chrono::milliseconds(50)));
  stop.request_stop();
  estate.loop.runUntilDone(group.drained());
  SUCCEED();
}
