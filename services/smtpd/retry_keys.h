#pragma once
#include <compare>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "net/loop.h"
#include "store/delivery_repository.h"

namespace posthouse::smtpd {

/// Under what lmtp-delivery and the queue know the retry of a client that missed our 250.
struct RetryKey {
  store::AccountId account{};  // 0 for a recipient that is not ours
  std::string digest;          // 32 octets: SHA-256 of reverse-path, recipient and the octets received

  auto operator<=>(const RetryKey&) const = default;
};

/// Where the keys are stored.
class RetryKeyStore {
 public:
  virtual ~RetryKeyStore() = default;
  /// True once they are gone. Throws nothing.
  virtual Task<bool> forget(const std::vector<RetryKey>& keys) = 0;
};

/// The retry keys of mails that this process delivered and whose clients have not yet shown that they know. A key that
/// is held here is no sign of a retry: whoever sends the same octets now means a second mail, and gets no key.
class RetryKeys {
 public:
  RetryKeys(net::Loop& loop, RetryKeyStore& store) : loop_(loop), store_(store) {}
  RetryKeys(const RetryKeys&) = delete;
  RetryKeys& operator=(const RetryKeys&) = delete;

  /// One session's keys. Dropped without confirm(), the keys stay in the store: the client may not have read our reply.
  class Hold {
   public:
    explicit Hold(RetryKeys& owner) : owner_(&owner) {}
    Hold(Hold&& other) noexcept;
    Hold& operator=(Hold&& other) noexcept;
    ~Hold() { drop(); }

    /// False if a session of this process holds the key already.
    bool add(const RetryKey& key);
    /// The client has gone on after our reply: the keys are forgotten.
    void confirm();
    void drop() noexcept;

   private:
    RetryKeys* owner_;
    std::vector<RetryKey> keys_;
  };

  /// Forgets what is to be forgotten, without waiting for a store that is away.
  Task<> close();

 private:
  static constexpr std::size_t kBatch = 1000;
  static constexpr std::chrono::milliseconds kGather{20};  // so that a batch is more than one mail
  static constexpr std::chrono::seconds kPause{1};         // after a failure

  Task<> work();

  net::Loop& loop_;
  RetryKeyStore& store_;
  std::set<RetryKey> held_;          // by sessions, and those in confirmed_
  std::vector<RetryKey> confirmed_;  // to be forgotten
  bool working_ = false;
  std::stop_source stop_;
  TaskGroup tasks_;
};

}  // namespace posthouse::smtpd
