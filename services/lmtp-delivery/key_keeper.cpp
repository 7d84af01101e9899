#include "key_keeper.h"

#include "store/delivery_repository.h"

namespace posthouse::lmtp_delivery {
namespace {

constexpr std::chrono::hours kInterval{1};
constexpr int kAtOnce = 10'000;

}  // namespace

Task<> forgetOldKeys(net::Loop& loop, db::Database& database, const Config& config, const observe::Log& log,
                     std::stop_token stop) {
  const auto purge = [&config](db::Transaction& transaction) {
    return store::DeliveryRepository(transaction).purgeKeys(config.queueKeyAge, config.retryKeyAge, kAtOnce);
  };
  while (!stop.stop_requested()) {
    std::int64_t forgotten = 0;
    try {
      forgotten = co_await database.single(purge, db::Repeat::harmless);
    } catch (const std::exception& error) {
      log.warn("lmtp.keys.failed", "old delivery keys could not be removed now", {{"error", error.what()}});
    }
    if (forgotten == kAtOnce) continue;
    try {
      co_await loop.sleep(kInterval, stop);
    } catch (const net::Interrupted&) {
    }
  }
}

}  // namespace posthouse::lmtp_delivery
