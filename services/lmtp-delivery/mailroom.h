#pragma once
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "directory/directory.h"

namespace posthouse::lmtp_delivery {

/// One RCPT: whom it named and who is behind it.
struct Recipient {
  std::string address;                       // the forward-path
  std::vector<directory::Account> accounts;  // at least one
  std::string deliveryKey;                   // kind 'q': queue id, newline, original recipient; empty: none was given
  std::string retryKey;                      // kind 'c', 32 octets; empty: none
};

/// What became of a message for one recipient.
enum class Verdict {
  delivered,    // committed in every mailbox, now or by an earlier delivery with the same key
  overQuota,    // of one of the accounts
  noSuchUser,   // the account went away after RCPT
  busy,         // somebody else works on the mailbox
  unavailable,  // the store cannot be used now
};

/// Set once the client that brought a message has gone before it got a reply; read by any thread. It will send the
/// message again: stored after that retry had been stored, answered and forgotten, the message would be there twice.
using ClientGone = std::atomic<bool>;

/// Where messages are stored.
class Mailroom {
 public:
  virtual ~Mailroom() = default;

  /// Stores the message once for all recipients: an answer for each, in order. Throws nothing that concerns the store.
  /// Once `gone` is set, nothing is begun any more.
  virtual Task<std::vector<Verdict>> deliver(std::string_view octets, std::string_view reversePath,
                                             std::span<const Recipient> recipients, const ClientGone& gone) = 0;

  /// Whether every account can take so many octets more. True where that cannot be found out now.
  virtual Task<bool> hasRoom(std::span<const directory::Account> accounts, std::uint64_t octets) = 0;
};

}  // namespace posthouse::lmtp_delivery
