#pragma once
#include <chrono>
#include <cstdint>
#include <optional>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

/// Takes away what nobody needs any more: emails whose last message is gone, bodies that nobody holds, the old end of
/// the change log, old delivery keys. Every call is one statement, a short transaction that waits for nobody: run it by
/// Database::single with Repeat::harmless, again and again as its result says. Any number of programs may do so at
/// once. What is still needed stays, whatever happens at the same time (migrations/010_collector.sql says why).
class Collector {
 public:
  explicit Collector(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  struct Emails {
    AccountId account{};
    std::int64_t removed = 0;  // as many as allowed: there may be more. 0: somebody else writes to the account now
  };
  /// Of the first account after `after` that has some to look after, at most `most`. Nothing: there is none.
  std::optional<Emails> collectEmails(AccountId after, int most);

  struct Blobs {
    std::int64_t lookedAt = 0;  // 0: there is nothing to do now
    std::int64_t removed = 0;
    std::int64_t octets = 0;  // of the removed, before compression
  };
  /// Bodies that were given up longer than `grace` ago. Looks at `most` at most.
  Blobs collectBlobs(std::chrono::milliseconds grace, int most);

  struct Swept {
    std::int64_t lookedAt = 0;  // 0: the lap is over, or somebody else does it
    std::int64_t found = 0;
  };
  /// A step of the lap over all bodies, which hands what was never given up in order to the two above. A lap begins
  /// `rest` after the last one's end, whoever did that.
  Swept sweepBlobs(std::chrono::milliseconds rest, int most);

  struct Log {
    AccountId account{};      // the last that was looked at
    std::int64_t pruned = 0;  // rows; as many as allowed: there may be more
  };
  /// The change log's rows older than `age` of the first account after `after` that has some. Readers who know less
  /// than what remains are told (Changes::complete). Nothing: there is no account.
  std::optional<Log> pruneChangeLog(AccountId after, std::chrono::milliseconds age, int most);

  struct Keys {
    bool isLapOver = true;  // or somebody else does it
    std::int64_t removed = 0;
  };
  /// A step, of `pages` pages of the table, of the lap over delivery keys: forgets those older than their age.
  Keys sweepKeys(std::chrono::milliseconds queueKeyAge, std::chrono::milliseconds retryKeyAge,
                 std::chrono::milliseconds rest, int pages);

  struct UniqueIds {
    bool isLapOver = true;  // or somebody else does it
    std::int64_t removed = 0;
  };
  /// A step, of `pages` pages of the table, of the lap over unique ids of POP3: forgets those of messages that are
  /// gone.
  UniqueIds sweepUniqueIds(std::chrono::milliseconds rest, int pages);

  /// Each counted no further than ten thousand.
  struct Backlog {
    std::int64_t accounts = 0;  // pieces of work that collectEmails has
    std::int64_t blobs = 0;     // bodies that collectBlobs would look at now
  };
  Backlog backlog(std::chrono::milliseconds grace);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
