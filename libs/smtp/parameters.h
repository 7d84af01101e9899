#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/cursor.h"

namespace posthouse::smtp {

/// BODY= of RFC 6152.
enum class Body { sevenBit, eightBitMime };

/// RET= of RFC 3461 §4.3: what of the message a DSN brings back.
enum class Ret { full, headers };

/// What follows the path in MAIL.
struct MailParameters {
  std::optional<std::uint64_t> size;  // octets, RFC 1870
  std::optional<Body> body;
  bool smtpUtf8 = false;            // RFC 6531
  std::optional<std::string> auth;  // RFC 4954 §5: a mailbox; empty for <>
  std::optional<Ret> ret;
  std::optional<std::string> envid;  // RFC 3461 §4.4, decoded

  bool operator==(const MailParameters&) const = default;
};

/// NOTIFY= of RFC 3461 §4.1. All false: NEVER.
struct Notify {
  bool success = false;
  bool failure = false;
  bool delay = false;

  bool operator==(const Notify&) const = default;
};

/// ORCPT= of RFC 3461 §4.2, decoded.
struct OriginalRecipient {
  std::string addressType;  // "rfc822"
  std::string address;

  bool operator==(const OriginalRecipient&) const = default;
};

/// What follows the path in RCPT.
struct RcptParameters {
  std::optional<Notify> notify;
  std::optional<OriginalRecipient> originalRecipient;
  /// Between our own programs, announced as XDELIVERYID: the queue id, which with the original recipient makes a
  /// delivery's key; and the hex SHA-256 by which the retry of a client that missed our reply is known.
  std::optional<std::string> deliveryId;
  std::optional<std::string> retryKey;

  bool operator==(const RcptParameters&) const = default;
};

/// The extensions whose parameters a server takes: those that it announced.
struct Extensions {
  bool size = true;
  bool eightBitMime = true;
  bool smtpUtf8 = true;
  bool auth = false;
  bool dsn = false;
  bool deliveryId = false;  // XDELIVERYID; brings ORCPT with it
};

/// A parameter that belongs to no announced extension: 555 (RFC 5321 §4.1.1.11).
class UnknownParameter : public SyntaxError {
 public:
  using SyntaxError::SyntaxError;
};

/// [SP esmtp-param *(SP esmtp-param)] up to the end of the line. Throw SyntaxError.
MailParameters mailParameters(Cursor& in, const Extensions& extensions);
RcptParameters rcptParameters(Cursor& in, const Extensions& extensions);

/// The same, with a space before each, as a client sends them.
std::string text(const MailParameters& parameters);
std::string text(const RcptParameters& parameters);

}  // namespace posthouse::smtp
