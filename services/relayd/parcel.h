#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "lease.h"
#include "smtpclient/envelope.h"
#include "store/queue_repository.h"

namespace posthouse::relayd {

/// One message for recipients who go the same way.
struct Parcel {
  store::QueuedMessage message;
  std::string_view octets;
  std::string domain;  // of the recipients; empty for our own mailboxes
  const Lease& lease;
  std::vector<smtp::Rcpt> recipients;  // with the parameters that their transport is to send

  /// Asks of the next host no more than this message needs: 8BITMIME and SMTPUTF8 only if it holds such octets.
  smtpclient::Envelope envelope() const;
};

/// RCPT's parameters for a recipient in the queue. `address` is whom it resolved to.
smtp::Rcpt rcptOf(const store::Claim& claim, std::string address);

}  // namespace posthouse::relayd
