#include "defence/sharing.h"

#include <exception>
#include <utility>

#include "net/patience.h"

namespace posthouse::accountd {
namespace {

constexpr std::chrono::seconds kInterval{1};
constexpr int kPruneEvery = 60;               // intervals
constexpr std::chrono::seconds kOverlap{10};  // longer than a transaction of another accountd takes
constexpr std::size_t kMostTold = 500;        // failures in one transaction
constexpr std::size_t kMostPlaces = 1'000;
constexpr int kMostLearnt = 5'000;
constexpr int kMostBans = 20'000;
constexpr std::int64_t kMostStored = 200'000;  // failures in the table
constexpr int kMostPruned = 10'000;

}  // namespace

Task<std::vector<std::int64_t>> StorePlaces::namesAt(std::string network, int most) {
  const auto job = [&](db::Transaction& transaction) {
    return store::DefenceRepository(transaction, halfLife_).namesAt(network, lately_, most);
  };
  co_return co_await database_.single(job, db::Repeat::harmless);
}

Task<> Sharing::run(std::stop_token stop) {
  if (!defence_.rules().isOn) co_return;
  for (int round = 0; !stop.stop_requested(); ++round) {
    co_await attempt(round % kPruneEvery == 0);
    try {
      co_await loop_.sleep(kInterval, stop);
    } catch (const net::Interrupted&) {
      break;
    }
  }
  co_await attempt(false);
}

Task<> Sharing::attempt(bool isTimeToPrune) {
  try {
    co_await exchange();
    if (isTimeToPrune) co_await prune();
  } catch (const std::exception& failure) {
    log_.warn("auth.defence_not_shared", failure.what());
  }
}

Task<> Sharing::exchange() {
  co_await tell();
  co_await learn();
  metrics_.bans.Set(static_cast<double>(defence_.bans().active()));
}

Task<> Sharing::tell() {
  const auto failures = defence_.counters().takeUntold(kMostTold);
  const auto bans = defence_.bans().takeUntold();
  const auto [networks, names] = defence_.places().takeUntold(kMostPlaces);
  if (failures.empty() && bans.empty() && networks.empty()) co_return;
  const auto job = [&](db::Transaction& transaction) {
    store::DefenceRepository repository(transaction, defence_.rules().halfLife);
    repository.add(failures);
    repository.ban(bans);
    repository.addPlaces(networks, names);
  };
  std::exception_ptr failure;
  try {
    co_await database_.transact(job, db::Repeat::harmless);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  defence_.counters().giveBack(failures);
  defence_.bans().giveBack(bans);
  defence_.places().giveBack(networks, names);
  std::rethrow_exception(failure);
}

Task<> Sharing::learn() {
  struct News {
    store::DefenceRepository::Time now;
    std::vector<store::LoginFailures> failures;
    std::vector<store::LoginBan> bans;
  };
  const auto since = learnt_ == decltype(learnt_){} ? learnt_ : learnt_ - kOverlap;
  const auto job = [&](db::Transaction& transaction) {
    store::DefenceRepository repository(transaction, defence_.rules().halfLife);
    return News{repository.now(), repository.changed(since, kMostLearnt), repository.changedBans(since, kMostBans)};
  };
  const News news = co_await database_.query(job);
  for (const store::LoginFailures& failures : news.failures) defence_.counters().learn(failures);
  for (const store::LoginBan& ban : news.bans) defence_.bans().learn(ban);
  learnt_ = news.now;
}

Task<> Sharing::prune() {
  defence_.bans().forgetOld();
  const auto job = [&](db::Transaction& transaction) {
    return store::DefenceRepository(transaction, defence_.rules().halfLife)
        .prune(defence_.rules().placeMemory, kMostStored, kMostPruned);
  };
  co_await database_.transact(job, db::Repeat::harmless);
}

}  // namespace posthouse::accountd
