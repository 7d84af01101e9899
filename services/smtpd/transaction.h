#pragma once
#include <string>
#include <vector>

#include "directory/directory.h"
#include "smtp/parameters.h"
#include "store/queue_id.h"

namespace posthouse::smtpd {

/// Somebody whom RCPT named and we took.
struct Recipient {
  std::string forwardPath;
  directory::Resolution resolution;  // found, or notLocal for a mail to be relayed
};

/// A mail transaction (RFC 5321 §3.3), from MAIL to the end of its data.
struct Transaction {
  store::QueueId id{};
  std::string reversePath;  // empty: <>
  smtp::MailParameters parameters;
  std::vector<Recipient> recipients;
};

}  // namespace posthouse::smtpd
