#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/date.h"

namespace posthouse::message {

/// What became of one recipient (RFC 3464 §2.3). Empty texts are left out.
struct RecipientReport {
  enum class Action { failed, delayed, delivered, relayed, expanded };
  std::string originalRecipient;  // with its type: "rfc822;joe@example.org"
  std::string finalRecipient;     // an address; "rfc822;" is put before it, "utf-8;" if it is not ASCII
  Action action = Action::failed;
  std::string status;          // "5.1.1"
  std::string remoteMta;       // a host name
  std::string diagnosticCode;  // the remote server's reply: "550 5.1.1 No such user"
  std::optional<Date> lastAttempt{};
  std::optional<Date> willRetryUntil{};
};

/// A delivery status notification (RFC 3464, 6522, 6533).
struct DeliveryReport {
  std::string reportingMta;  // our host name
  std::string from;          // "MAILER-DAEMON@mx.example.org"
  std::string to;            // the reverse path of the message that this is about
  std::string messageId;     // of the report, with angle brackets
  Date date;                 // of the report
  std::string envelopeId;    // ENVID of RFC 3461, decoded
  std::optional<Date> arrivalDate;
  std::vector<RecipientReport> recipients;
  std::string original;        // the message, whole
  bool returnContent = false;  // false: only its header (RET=HDRS)
};

/// The report as a message: a text for people, message/delivery-status, and the original or its header. It is sent with
/// the null reverse path.
std::string buildDeliveryReport(const DeliveryReport& report);

/// The message/delivery-status part alone.
std::string renderDeliveryStatus(const DeliveryReport& report);

}  // namespace posthouse::message
