#include "db/account_queue.h"

namespace posthouse::db {

Task<AccountQueue::Turn> AccountQueue::turn(std::int64_t account) {
  const auto [entry, isFree] = waiting_.try_emplace(account);
  if (!isFree) {
    Event ourTurn;
    entry->second.push_back(&ourTurn);
    co_await ourTurn;
  }
  co_return Turn(*this, account);
}

void AccountQueue::pass(std::int64_t account) {
  const auto entry = waiting_.find(account);
  if (entry->second.empty()) {
    waiting_.erase(entry);
    return;
  }
  Event* next = entry->second.front();
  entry->second.pop_front();
  next->set();
}

}  // namespace posthouse::db
