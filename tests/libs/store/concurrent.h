#pragma once
#include <atomic>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"
#include "db/errors.h"
#include "store/message_repository.h"
#include "support/test_database.h"

namespace posthouse::test {

/// A connection of a role that runs each job as a transaction, and again after it lost against another. How often that
/// was by a deadlock is counted: programs would come again as well, but our locks have an order, and there is to be
/// none.
class Session {
 public:
  Session(const TestDatabase& database, std::string_view role, std::atomic<int>& deadlocks)
      : connection_(database.urlAs(role) + " connect_timeout=60", role), deadlocks_(deadlocks) {}

  template <class Job>
  auto run(Job job, const char* begin = "BEGIN") {
    for (;;) {
      try {
        connection_.script(begin);
        db::Transaction transaction(connection_);
        auto result = job(transaction);
        connection_.commit();
        return result;
      } catch (const db::Conflict&) {
        ++deadlocks_;
        connection_.rollback();
      } catch (const db::Busy&) {  // on a machine that has much else to do
        connection_.rollback();
      }
    }
  }
  template <class Job>
  auto read(Job job) {
    return run(job, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  }

 private:
  db::Connection connection_;
  std::atomic<int>& deadlocks_;
};

/// A thread's own dice: the same for the same seed.
class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  /// 0 to `n`, both included.
  unsigned upTo(unsigned n) { return std::uniform_int_distribution<unsigned>(0, n)(random_); }
  template <class T>
  const T& oneOf(const std::vector<T>& all) {
    return all[upTo(static_cast<unsigned>(all.size()) - 1)];
  }

 private:
  std::mt19937 random_;
};

/// A mailbox as a client knows it who follows its changes.
using Model = std::map<store::Uid, store::MessageState>;

inline Model modelOf(const store::MailboxView& view) {
  Model model;
  for (const store::MessageState& message : view.messages) model.emplace(message.uid, message);
  return model;
}

inline void apply(Model& model, const store::Changes& changes) {
  for (const store::MessageState& message : changes.changed) model.insert_or_assign(message.uid, message);
  std::erase_if(model, [&](const auto& entry) { return changes.vanished.contains(entry.first); });
}

}  // namespace posthouse::test
