#include "db/account_queue.h"

#include "async/completion.h"
#include "db/errors.h"
#include "net/loop.h"

namespace posthouse::db {

/// In the line of an account, until it is its turn or its patience has ended.
class AccountQueue::Waiter final : public net::Timeouts::Entry {
 public:
  explicit Waiter(Line& line) : line_(line) { line_.push_back(this); }

  Completion<std::monostate> turn;

 private:
  void expired() override {
    std::erase(line_, this);
    turn.fail(std::make_exception_ptr(Busy("other work on the account takes too long")));
  }

  Line& line_;  // stays for as long as somebody waits in it
};

Task<AccountQueue::Turn> AccountQueue::turn(std::int64_t account) {
  const auto [entry, isFree] = waiting_.try_emplace(account);
  if (!isFree) {
    Waiter waiter(entry->second);
    loop_.timeouts().arm(waiter, patience_);
    co_await waiter.turn;
  }
  co_return Turn(*this, account);
}

void AccountQueue::pass(std::int64_t account) {
  const auto entry = waiting_.find(account);
  if (entry->second.empty()) {
    waiting_.erase(entry);
    return;
  }
  Waiter* next = entry->second.front();
  entry->second.pop_front();
  next->disarm();
  next->turn.complete({});
}

}  // namespace posthouse::db
