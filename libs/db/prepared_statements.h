#pragma once
#include <atomic>
#include <functional>
#include <string>
#include <string_view>

namespace posthouse::db {

/// Whether the connections of a pool prepare their hot statements, so that PostgreSQL parses each once a connection.
/// Through a pooler that hands every transaction to another server connection they are not found again (PgBouncer
/// before 1.21): then the pool goes on without them, for good.
class PreparedStatements {
 public:
  /// `onGivenUp` is told why, once, on a pool thread.
  PreparedStatements(bool areUsed, std::function<void(const std::string&)> onGivenUp)
      : areUsed_(areUsed), onGivenUp_(std::move(onGivenUp)) {}

  bool areUsed() const noexcept { return areUsed_.load(std::memory_order_relaxed); }
  void giveUp(const std::string& why) {
    if (areUsed_.exchange(false) && onGivenUp_) onGivenUp_(why);
  }

  /// What a statement is called: by its text, so that the same name never means two statements, whoever made them.
  static std::string nameOf(std::string_view sql);

 private:
  std::atomic<bool> areUsed_;
  std::function<void(const std::string&)> onGivenUp_;
};

}  // namespace posthouse::db
