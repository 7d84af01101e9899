#pragma once
#include <compare>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "directory/directory.h"
#include "net/loop.h"
#include "store/delivery_repository.h"

namespace posthouse::smtpd {

/// Under what lmtp-delivery and the queue know the retry of a client that missed our 250. Nothing of the client is part
/// of it: the retry may come from another of his addresses, and to another smtpd. The price: of two mails with the same
/// octets, sent on purpose within two seconds to different processes, one may be taken for a retry of the other.
struct RetryKey {
  store::AccountId account{};  // 0 for a recipient that is not ours
  std::string digest;          // 32 octets: SHA-256 of reverse-path, recipient and the octets received
  std::string address = {};    // the account's; part of the digest too

  auto operator<=>(const RetryKey&) const = default;
};

/// Where the keys are stored.
class RetryKeyStore {
 public:
  virtual ~RetryKeyStore() = default;
  /// Those that were not there, or nothing if the store is away. Throws nothing.
  virtual Task<std::optional<std::vector<RetryKey>>> forget(const std::vector<RetryKey>& keys) = 0;
};

/// The retry keys of mails that this process delivered and whose clients have not yet shown that they know. A key that
/// is held here is no sign of a retry while its client is there: whoever sends the same octets now means a second mail,
/// and gets no key.
class RetryKeys {
 public:
  /// `remembered` is the directory that recipients are looked up in, `asked` the one behind it that remembers nothing.
  RetryKeys(net::Loop& loop, RetryKeyStore& store, directory::Directory& remembered, directory::Directory& asked)
      : loop_(loop), store_(store), remembered_(remembered), asked_(asked) {}
  RetryKeys(const RetryKeys&) = delete;
  RetryKeys& operator=(const RetryKeys&) = delete;

  /// One session's keys. Dropped without confirm(), the keys stay in the store: the client may not have read our reply.
  class Hold {
   public:
    /// `isThere`: whether the client still is. Asked until the keys are confirmed or dropped.
    Hold(RetryKeys& owner, std::function<bool()> isThere) : owner_(&owner), isThere_(std::move(isThere)) {}
    Hold(Hold&& other) noexcept;
    Hold& operator=(Hold&& other) noexcept;
    ~Hold() { drop(); }

    /// Whether the mail is to have the key. False for a second mail: another client holds the key. If that one has left
    /// before he was answered, this is his retry: it has the key, which then stays stored, for his mail may be on its
    /// way.
    bool add(const RetryKey& key);
    /// The client has gone on after our reply: the keys are forgotten.
    void confirm();
    void drop() noexcept;

   private:
    RetryKeys* owner_;
    std::function<bool()> isThere_;
    std::vector<RetryKey> keys_;
  };

  /// Forgets what is to be forgotten, without waiting for a store that is away.
  Task<> close();

 private:
  static constexpr std::size_t kBatch = 1000;
  static constexpr std::chrono::milliseconds kGather{20};  // so that a batch is more than one mail
  static constexpr std::chrono::seconds kPause{1};         // after a failure

  Task<> work();
  Task<> forgetElsewhere(std::vector<RetryKey> missing);

  net::Loop& loop_;
  RetryKeyStore& store_;
  directory::Directory& remembered_;
  directory::Directory& asked_;
  std::map<RetryKey, std::function<bool()>>
      held_;                         // by sessions; and those in confirmed_, whose clients are not asked for
  std::vector<RetryKey> confirmed_;  // to be forgotten
  bool working_ = false;
  std::stop_source stop_;
  TaskGroup tasks_;
};

}  // namespace posthouse::smtpd
