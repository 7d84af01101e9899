#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "message/date.h"
#include "message/header.h"

namespace posthouse::message {

/// What a server says about how a message came to it (RFC 5321 §4.4). Empty texts are left out.
struct Received {
  std::string helo;           // as the client said it, "[192.0.2.1]" for a literal
  std::string clientName;     // from reverse DNS, if it was looked up and confirmed
  std::string clientAddress;  // "192.0.2.1" or "2001:db8::1"
  std::string by;             // our host name
  std::string with;           // withProtocol()
  std::string tls;            // for a comment: "TLSv1.3 TLS_AES_256_GCM_SHA384"
  std::string id;             // queue id
  std::string recipient;      // only where there is one: others would be told (RFC 5321 §7.6)
  Date date;
};

/// The protocol of "with": SMTP, ESMTP, ESMTPS, ESMTPA, ESMTPSA (RFC 3848), their UTF8 forms (RFC 6531 §4.3), and
/// LMTP, LMTPS, UTF8LMTP likewise.
struct SessionKind {
  bool lmtp = false;
  bool extended = true;  // EHLO, not HELO
  bool tls = false;
  bool authenticated = false;
  bool smtpUtf8 = false;  // this transaction asked for it
};
std::string withProtocol(const SessionKind& kind);

/// The whole Received field, folded, each line ended by CRLF. Octets that could break the header are replaced by "?".
std::string renderReceived(const Received& received);

/// "Return-Path: <...>" CRLF; the reverse path without its angle brackets, empty for bounces.
std::string renderReturnPath(std::string_view reversePath);

/// The Received fields of a message. 100 and more are a loop (RFC 5321 §6.3).
inline constexpr std::size_t kMaxHops = 100;
std::size_t countHops(const Header& header);

}  // namespace posthouse::message
