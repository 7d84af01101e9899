#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "db/connection.h"
#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::test {

/// While it lives, no process of the private PostgreSQL moves, and every connection to it stays.
class HangingServer {
 public:
  HangingServer();
  HangingServer(const HangingServer&) = delete;
  HangingServer& operator=(const HangingServer&) = delete;
  ~HangingServer();

 private:
  std::vector<pid_t> stopped_;
};

/// A database of a test's own with the newest schema, dropped at its end. The first one in a process starts a private
/// PostgreSQL (in a folder below /tmp, on a unix socket, as an unprivileged user, without fsync); it is gone when the
/// process is, however that ends.
class TestDatabase {
 public:
  TestDatabase();
  TestDatabase(const TestDatabase&) = delete;
  TestDatabase& operator=(const TestDatabase&) = delete;
  ~TestDatabase();

  /// As a superuser.
  std::string url() const { return urlAs("postgres"); }
  /// As a role, such as "posthouse_imapd".
  std::string urlAs(std::string_view role) const;
  const std::string& name() const noexcept { return name_; }
  /// Where the server's socket is.
  static std::string host();
  /// The same server without a schema: an empty database.
  static std::string emptyUrl();

  /// Runs `job` over a transaction that is committed, and blocks meanwhile. For what a test prepares and looks at.
  template <class Job>
  auto transact(Job&& job) {
    connection_.script("BEGIN");
    db::Transaction transaction(connection_);
    struct End {
      db::Connection& connection;
      bool isDone = false;
      ~End() {
        if (!isDone) connection.rollback();
      }
    } end{connection_};
    if constexpr (std::is_void_v<decltype(job(transaction))>) {
      job(transaction);
      connection_.commit();
      end.isDone = true;
    } else {
      auto result = job(transaction);
      connection_.commit();
      end.isDone = true;
      return result;
    }
  }

  /// An account with its first mailboxes, in a domain made when needed. An address without "@" is one of mail.test.
  store::AccountId addAccount(std::string_view address, std::string_view credential = {}, std::int64_t quotaBytes = 0);

 private:
  std::string name_;
  db::Connection connection_;
};

}  // namespace posthouse::test
