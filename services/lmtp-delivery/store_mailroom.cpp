#include "store_mailroom.h"

#include <chrono>

#include "message/summary.h"
#include "prefix.h"
#include "store/blob_store.h"
#include "store/quota_repository.h"

namespace posthouse::lmtp_delivery {
namespace {

using store::DeliveryRepository;
using store::DeliveryStatus;

constexpr std::size_t kCompressedHere = 32 * 1024;

double secondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

store::Content contentOf(std::string_view octets) {
  message::Summary summary = message::summarize(octets);
  std::optional<std::chrono::system_clock::time_point> sentAt;
  if (summary.sentAt) sentAt = summary.sentAt->time;
  return {octets, static_cast<std::uint32_t>(summary.headerSize), std::move(summary.envelope),
          std::move(summary.bodyStructure), sentAt};
}

Verdict verdictOf(DeliveryStatus status) {
  switch (status) {
    case DeliveryStatus::stored:
    case DeliveryStatus::repeated:
      return Verdict::delivered;
    case DeliveryStatus::overQuota:
      return Verdict::overQuota;
    case DeliveryStatus::noSuchAccount:
      return Verdict::noSuchUser;
    case DeliveryStatus::busy:
      return Verdict::busy;
    case DeliveryStatus::noSuchMailbox:
      break;  // the inbox cannot go away
  }
  return Verdict::unavailable;
}

}  // namespace

/// One message on its way into mailboxes.
struct StoreMailroom::Job {
  store::Content content;
  const ClientGone& gone;
  std::vector<store::Delivery> deliveries;  // one for each account of each recipient
  std::vector<Verdict> verdicts;            // of the deliveries
  db::Repeat repeat;                        // with a key on every delivery, a second commit does nothing

  std::vector<store::Delivered> run(db::Transaction& transaction, std::span<const store::Delivery> some,
                                    DeliveryRepository::WhenBusy whenBusy) const {
    if (gone) throw Abandoned();
    return DeliveryRepository(transaction).deliver(content, some, whenBusy);
  }
};

Task<std::vector<Verdict>> StoreMailroom::deliver(std::string_view octets, std::string_view reversePath,
                                                  std::span<const Recipient> recipients, const ClientGone& gone) {
  const auto begin = std::chrono::steady_clock::now();
  Job job{contentOf(octets), gone, {}, {}, db::Repeat::harmless};
  for (const Recipient& recipient : recipients) {
    if (recipient.deliveryKey.empty() && recipient.retryKey.empty()) job.repeat = db::Repeat::never;
    for (const directory::Account& account : recipient.accounts)
      job.deliveries.push_back({.account = store::AccountId{account.id},
                                .prefix = prefix(reversePath, account.address),
                                .queueKey = recipient.deliveryKey,
                                .retryKey = recipient.retryKey});
  }
  job.verdicts.assign(job.deliveries.size(), Verdict::unavailable);
  // The pool's threads compress what would hold up the loop.
  if (octets.size() <= kCompressedHere) job.content.encoded();
  metrics_.prepare.Observe(secondsSince(begin));
  if (octets.size() <= store::EncodedBlob::kChunk) {
    co_await storeSmall(job);
  } else {
    co_await storeLarge(job);
  }

  std::vector<Verdict> verdicts;
  std::size_t next = 0;
  for (const Recipient& recipient : recipients) {
    const auto own = std::span(job.verdicts).subspan(next, recipient.accounts.size());
    next += own.size();
    const auto failed = std::ranges::find_if(own, [](Verdict verdict) { return verdict != Verdict::delivered; });
    verdicts.push_back(failed == own.end() ? Verdict::delivered : *failed);
  }
  co_return verdicts;
}

Task<> StoreMailroom::storeSmall(Job& job) {
  const std::vector<Batcher::Answer> answers = co_await batcher_.store(job.content, job.deliveries, job.gone);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (answers[i]) take(job, i, *answers[i]);
  }
}

Task<> StoreMailroom::storeLarge(Job& job) {
  const auto begin = std::chrono::steady_clock::now();
  co_await storeTogether(job);
  // Whoever was busy gets a turn alone, beside the others: one mailbox must not hold up its neighbours
  // (ARCHITECTURE.md, rule 4).
  TaskGroup alone;
  for (std::size_t i = 0; i < job.verdicts.size(); ++i) {
    if (job.verdicts[i] == Verdict::busy) alone.spawn(storeAlone(job, i));
  }
  co_await alone.drained();
  metrics_.store.Observe(secondsSince(begin));
}

Task<> StoreMailroom::storeTogether(Job& job) {
  const auto store = [&job](db::Transaction& transaction) {
    return job.run(transaction, job.deliveries, DeliveryRepository::WhenBusy::report);
  };
  try {
    const auto delivered = co_await database_.transact(store, job.repeat);
    for (std::size_t i = 0; i < delivered.size(); ++i) take(job, i, delivered[i]);
  } catch (const std::exception& error) {
    log_.error("lmtp.store.failed", "a message could not be stored", {{"error", error.what()}});
  }
}

Task<> StoreMailroom::storeAlone(Job& job, std::size_t number) {
  const auto store = [&job, number](db::Transaction& transaction) {
    return job.run(transaction, std::span(job.deliveries).subspan(number, 1), DeliveryRepository::WhenBusy::wait);
  };
  try {
    const auto delivered = co_await database_.transactFor(job.deliveries[number].account, store, job.repeat);
    take(job, number, delivered.front());
  } catch (const db::Busy&) {
    // Its verdict says so already.
  } catch (const std::exception& error) {
    job.verdicts[number] = Verdict::unavailable;
    log_.error("lmtp.store.failed", "a message could not be stored", {{"error", error.what()}});
  }
}

void StoreMailroom::take(Job& job, std::size_t number, const store::Delivered& delivered) {
  job.verdicts[number] = verdictOf(delivered.status);
  if (delivered.status == DeliveryStatus::repeated) metrics_.dedupHits.Increment();
  if (delivered.status != DeliveryStatus::stored) return;
  metrics_.dedupMisses.Increment();
  metrics_.appended.Increment();
  publisher_.publish({.account = static_cast<std::int64_t>(job.deliveries[number].account),
                      .mailbox = static_cast<std::int32_t>(store::kInbox),
                      .modseq = static_cast<std::int64_t>(delivered.modSeq),
                      .committedAt = 0});
}

Task<bool> StoreMailroom::hasRoom(std::span<const directory::Account> accounts, std::uint64_t octets) {
  const auto fits = [accounts, octets](db::Transaction& transaction) {
    return std::ranges::all_of(accounts, [&](const directory::Account& account) {
      const auto quota = store::QuotaRepository(transaction).get(store::AccountId{account.id});
      return !quota || quota->limitBytes == 0 ||
             static_cast<std::uint64_t>(quota->usedBytes) + octets <= static_cast<std::uint64_t>(quota->limitBytes);
    });
  };
  try {
    co_return co_await database_.query(fits);
  } catch (const std::exception& error) {
    log_.warn("lmtp.quota.unavailable", "a quota could not be read", {{"error", error.what()}});
  }
  co_return true;  // storing tells
}

}  // namespace posthouse::lmtp_delivery
