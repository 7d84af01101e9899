#pragma once
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "letter.h"
#include "smtp/reply.h"
#include "store/types.h"
#include "transaction.h"

namespace posthouse::smtpd {

/// A mailbox of ours that a mail goes to, or a foreign address.
struct Destination {
  std::string address;                           // the account's canonical one, or the foreign one
  std::string originalRecipient;                 // the forward-path that led here
  std::optional<store::AccountId> account = {};  // of a mailbox of ours
  std::string retryKey = {};                     // 32 octets; empty: none is given
  bool tellSender = true;                        // of a failure in the queue; false: he may be forged

  bool isLocal() const noexcept { return account.has_value(); }
};

/// Delivers into mailboxes while the sender waits: lmtp-delivery, or a test's stand-in.
class LocalDelivery {
 public:
  virtual ~LocalDelivery() = default;
  /// A reply for each destination, in their order; one of our own where there was none. Throws nothing.
  virtual Task<std::vector<smtp::Reply>> deliver(const Transaction& transaction,
                                                 const std::vector<Destination>& destinations,
                                                 const Letter& letter) = 0;
};

}  // namespace posthouse::smtpd
