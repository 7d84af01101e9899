#include "batcher.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace posthouse::lmtp_delivery {

using store::DeliveryRepository;
using store::DeliveryStatus;

/// What waits in store() for its items.
struct Batcher::Message {
  const ClientGone& gone;
  std::size_t open;  // items without an answer
  Clock::time_point asked;
  std::optional<Clock::time_point> begun = {};  // of the first transaction
  Event done = {};
};

namespace {

bool hasKey(const store::Delivery& delivery) {
  return !delivery.queueKey.empty() || !delivery.retryKey.empty();
}

/// With a key on every delivery, a second commit does nothing.
db::Repeat repeatOf(const std::vector<store::Parcel>& parcels) {
  const bool isHarmless = std::ranges::all_of(parcels, [](const store::Parcel& p) { return hasKey(*p.delivery); });
  return isHarmless ? db::Repeat::harmless : db::Repeat::never;
}

double seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

Task<std::vector<Batcher::Answer>> Batcher::store(const store::Content& content,
                                                  std::span<const store::Delivery> deliveries, const ClientGone& gone) {
  Message message{.gone = gone, .open = deliveries.size(), .asked = Clock::now()};
  std::vector<Item> items;
  items.reserve(deliveries.size());
  for (const store::Delivery& delivery : deliveries)
    waiting_.push_back(&items.emplace_back(Item{.message = &message, .parcel = {&content, &delivery}}));
  const auto isFree = [this](const Item& item) { return !accounts_.contains(item.account()); };
  if (std::ranges::any_of(items, isFree)) startWriters();
  if (message.open > 0) co_await message.done;

  const Clock::time_point begun = message.begun.value_or(message.asked);
  metrics_.wait.Observe(seconds(begun - message.asked));
  metrics_.store.Observe(seconds(Clock::now() - begun));
  std::vector<Answer> answers;
  answers.reserve(items.size());
  for (const Item& item : items) answers.push_back(item.answer);
  co_return answers;
}

void Batcher::startWriters() {
  while (writing_ < options_.writers) {
    Batch batch = take();
    if (batch.empty()) return;
    ++writing_;
    tasks_.spawn(write(std::move(batch)));
  }
}

/// What waited longest, but for accounts that another transaction has.
Batcher::Batch Batcher::take() {
  Batch batch;
  std::set<store::AccountId> own;
  std::size_t octets = 0;
  const store::Content* last = nullptr;
  for (auto next = waiting_.begin(); next != waiting_.end() && batch.size() < options_.mostDeliveries;) {
    Item* item = *next;
    if (accounts_.contains(item->account())) {
      ++next;
      continue;
    }
    if (item->parcel.content != last) octets += item->parcel.content->size();
    last = item->parcel.content;
    if (!batch.empty() && octets > options_.mostOctets) break;
    own.insert(item->account());
    batch.push_back(item);
    next = waiting_.erase(next);
  }
  accounts_.merge(own);
  return batch;
}

Task<> Batcher::write(Batch batch) {
  metrics_.batchDeliveries.Observe(static_cast<double>(batch.size()));
  const Clock::time_point now = Clock::now();
  for (Item* item : batch) {
    if (!item->message->begun) item->message->begun = now;
  }
  co_await commit(batch);

  std::map<store::AccountId, Batch> busy;
  for (Item* item : setBusyApart(batch)) busy[item->account()].push_back(item);
  release(batch);
  for (auto& [account, items] : busy) {
    accounts_.insert(account);
    tasks_.spawn(commitAlone(std::move(items)));
  }
  --writing_;
  // The next batch is sent on its way first: PostgreSQL is not to wait while our sessions go on.
  startWriters();
  answer(batch);
}

Task<> Batcher::commit(const Batch& batch) {
  const std::vector<store::Parcel> parcels = parcelsOf(batch);
  const auto store = [&batch, &parcels](db::Transaction& transaction) {
    refuseAbandoned(batch);
    return DeliveryRepository(transaction).deliver(parcels, DeliveryRepository::WhenBusy::report);
  };
  Batch apart;
  try {
    const auto delivered = co_await writers_.single(store, repeatOf(parcels));
    for (std::size_t i = 0; i < batch.size(); ++i) batch[i]->answer = delivered[i];
  } catch (const db::Unavailable& error) {
    fail(error);
  } catch (const db::CommitUnknown& error) {
    // What has no key may have been stored, and nobody could tell its repeat.
    fail(error);
    std::ranges::copy_if(batch, std::back_inserter(apart), [](Item* item) { return hasKey(*item->parcel.delivery); });
  } catch (const std::exception& error) {
    // Whatever one of them has brought about is not to become the others' trouble.
    if (batch.size() > 1) apart = batch;
    if (apart.empty()) fail(error);
  }
  if (!apart.empty()) metrics_.batchesApart.Increment();
  for (Item* item : apart) co_await commit(Batch{item});
}

/// Waits for the account.
Task<> Batcher::commitAlone(Batch ofOneAccount) {
  const std::vector<store::Parcel> parcels = parcelsOf(ofOneAccount);
  const auto store = [&ofOneAccount, &parcels](db::Transaction& transaction) {
    refuseAbandoned(ofOneAccount);
    return DeliveryRepository(transaction).deliver(parcels, DeliveryRepository::WhenBusy::wait);
  };
  try {
    const auto delivered = co_await others_.single(store, repeatOf(parcels));
    for (std::size_t i = 0; i < ofOneAccount.size(); ++i) ofOneAccount[i]->answer = delivered[i];
  } catch (const db::Busy&) {
    // Its answer says so already.
  } catch (const std::exception& error) {
    for (Item* item : ofOneAccount) item->answer.reset();
    fail(error);
  }
  release(ofOneAccount);
  startWriters();
  answer(ofOneAccount);
}

std::vector<store::Parcel> Batcher::parcelsOf(const Batch& batch) {
  std::vector<store::Parcel> parcels;
  parcels.reserve(batch.size());
  for (const Item* item : batch) parcels.push_back(item->parcel);
  return parcels;
}

/// At each attempt: between two of them PostgreSQL may have been away for long.
void Batcher::refuseAbandoned(const Batch& batch) {
  if (std::ranges::any_of(batch, [](const Item* item) { return item->message->gone.load(); })) throw Abandoned();
}

/// Takes out of `batch` and returns those whose accounts somebody else had locked.
Batcher::Batch Batcher::setBusyApart(Batch& batch) {
  Batch busy;
  std::erase_if(batch, [&busy](Item* item) {
    if (!item->answer || item->answer->status != DeliveryStatus::busy) return false;
    busy.push_back(item);
    return true;
  });
  return busy;
}

void Batcher::release(const Batch& batch) {
  for (const Item* item : batch) accounts_.erase(item->account());
}

/// Resumes whoever has all of its answers. They may be gone when this returns.
void Batcher::answer(const Batch& batch) {
  for (Item* item : batch) {
    Message& message = *item->message;
    if (--message.open == 0) message.done.set();
  }
}

void Batcher::fail(const std::exception& error) {
  log_.error("lmtp.store.failed", "a message could not be stored", {{"error", error.what()}});
}

}  // namespace posthouse::lmtp_delivery
