#include "store_queue.h"

#include "message/header.h"
#include "store/content.h"

namespace posthouse::relayd {
namespace {

using store::QueueRepository;

/// IMAP's view of a mail is made when it is delivered, not here.
void enqueue(QueueRepository& queue, const NewMail& mail) {
  const auto headerSize = static_cast<std::uint32_t>(message::Header::of(mail.octets).size());
  queue.enqueue(mail.message, mail.recipients, store::Content(mail.octets, headerSize, {}, {}));
}

void settleIn(QueueRepository queue, const Settlement& settlement) {
  for (const Replacement& replacement : settlement.replaced) {
    // Nothing left to finish: the lease was lost to a worker who does this himself, or this is a repetition.
    const bool isOurs = queue.finish(replacement.finished) > 0;
    if (isOurs && replacement.by) enqueue(queue, *replacement.by);
  }
  bool isDelayOurs = false;
  for (const Deferral& deferral : settlement.deferred) {
    const bool isOurs = queue.defer(deferral.claim, deferral.nextAt, deferral.error);
    if (!isOurs || !deferral.delayReported) continue;
    queue.delayReported(deferral.claim);
    isDelayOurs = true;
  }
  if (isDelayOurs && settlement.delayNotice) enqueue(queue, *settlement.delayNotice);
}

}  // namespace

Task<std::vector<store::Claim>> StoreQueue::claim(std::chrono::seconds lease, int limit,
                                                  std::vector<std::string> except, bool takesOver) {
  const auto job = [&](db::Transaction& transaction) {
    return QueueRepository(transaction).claim(lease, limit, except, takesOver);
  };
  // After an unknown commit the leases of a first run simply end.
  co_return co_await database_.single(job, db::Repeat::harmless);
}

Task<std::optional<std::string>> StoreQueue::load(store::Claim claim) {
  const auto job = [&](db::Transaction& transaction) { return QueueRepository(transaction).load(claim); };
  co_return co_await database_.query(job);
}

Task<> StoreQueue::settle(const Settlement& settlement) {
  const auto job = [&](db::Transaction& transaction) { settleIn(QueueRepository(transaction), settlement); };
  co_await database_.transact(job, db::Repeat::harmless);
}

Task<std::int64_t> StoreQueue::renew(std::vector<store::Claim> claims, std::chrono::seconds lease) {
  const auto job = [&](db::Transaction& transaction) { return QueueRepository(transaction).renew(claims, lease); };
  co_return co_await database_.single(job, db::Repeat::harmless);
}

Task<store::QueueCounts> StoreQueue::counts() {
  const auto job = [](db::Transaction& transaction) { return QueueRepository(transaction).counts(); };
  co_return co_await database_.query(job);
}

Task<bool> StoreQueue::lead(std::string caller, std::chrono::seconds duration) {
  const auto job = [&](db::Transaction& transaction) { return QueueRepository(transaction).lead(caller, duration); };
  co_return co_await database_.single(job, db::Repeat::harmless);
}

}  // namespace posthouse::relayd
