#pragma once
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "administration/details.h"
#include "administration/principal.h"
#include "async/task.h"
#include "db/database.h"
#include "store/audit_repository.h"

namespace posthouse::accountd {

/// The way of everything administrative to the database, and the only one: nothing is shown or changed but what the
/// actor may see and change, and no change is made without its entry in the audit, which commits with it.
///
/// A job is a callable over (db::Transaction&, const Principal&) that reads, or (db::Transaction&, const Principal&,
/// Details&) that changes and notes what; it returns an Answer.
class Ledger {
 public:
  Ledger(db::Database& database, Actor actor) : database_(database), actor_(std::move(actor)) {}

  Ledger as(Actor actor) const { return {database_, std::move(actor)}; }

  template <class Job>
  Task<std::invoke_result_t<Job&, db::Transaction&, const Principal&>> read(Act act, Job job) {
    using Result = std::invoke_result_t<Job&, db::Transaction&, const Principal&>;
    const auto whole = [&](db::Transaction& transaction) -> Result {
      const Answer<Principal> principal = admit(transaction, act);
      if (!principal) return std::unexpected(principal.error());
      return job(transaction, *principal);
    };
    co_return co_await database_.query(whole);
  }

  template <class Job>
  Task<std::invoke_result_t<Job&, db::Transaction&, const Principal&, Details&>> change(
      Act act, Job job, db::Repeat repeat = db::Repeat::never) {
    using Result = std::invoke_result_t<Job&, db::Transaction&, const Principal&, Details&>;
    const auto whole = [&](db::Transaction& transaction) -> Result {
      const Answer<Principal> principal = admitToChange(transaction, act);
      if (!principal) return std::unexpected(principal.error());
      Details details;
      Result result = job(transaction, *principal, details);
      if (result) store::AuditRepository(transaction).record({entry(act, *principal, details)});
      return result;
    };
    co_return co_await database_.transact(whole, repeat);
  }

  /// Many changes in one transaction, each of which is refused, or done and recorded, by itself; an answer for each, in
  /// their order. The job is over (db::Transaction&, const std::vector<std::size_t>&), the places of those acts that
  /// are admitted, and returns an Answer<Details> for each of these. What it is done to is new: nobody's powers are
  /// touched.
  template <class Job>
  Task<std::vector<Answer<bool>>> changeEach(std::vector<Act> acts, Job job) {
    const auto whole = [&](db::Transaction& transaction) {
      std::vector<Answer<bool>> answers;
      const Answer<Principal> principal = Principal::of(transaction, actor_);
      std::vector<std::size_t> admitted;
      for (const Act& act : acts) {
        answers.push_back(isAdmitted(principal, act));
        if (answers.back()) admitted.push_back(answers.size() - 1);
      }
      if (admitted.empty()) return answers;
      std::vector<store::AuditEntry> entries;
      const std::vector<Answer<Details>> results = job(transaction, std::as_const(admitted));
      for (std::size_t i = 0; i < results.size(); ++i) {
        const std::size_t place = admitted[i];
        if (results[i]) entries.push_back(entry(acts[place], *principal, *results[i]));
        if (!results[i]) answers[place] = std::unexpected(results[i].error());
      }
      store::AuditRepository(transaction).record(entries);
      return answers;
    };
    co_return co_await database_.transact(whole);
  }

 private:
  Answer<Principal> admit(db::Transaction& transaction, const Act& act) const;
  Answer<Principal> admitToChange(db::Transaction& transaction, const Act& act) const;
  static Answer<bool> isAdmitted(const Answer<Principal>& principal, const Act& act);
  store::AuditEntry entry(const Act& act, const Principal& principal, const Details& details) const;

  db::Database& database_;
  Actor actor_;
};

}  // namespace posthouse::accountd
