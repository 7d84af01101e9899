#pragma once
#include <string>
#include <string_view>

#include "support/child_process.h"
#include "support/test_database.h"

namespace posthouse::test {

/// A PgBouncer in transaction mode before a test's database: each transaction gets any of two connections to the
/// server. Debian's is older than 1.21 and knows nothing of what was prepared.
class Pooler {
 public:
  explicit Pooler(const TestDatabase& database);

  /// As TestDatabase::urlAs.
  std::string urlAs(std::string_view role) const;

 private:
  const TestDatabase& database_;
  TemporaryFolder folder_;
  ChildProcess process_;
};

}  // namespace posthouse::test
