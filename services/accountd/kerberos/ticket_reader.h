#pragma once
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace posthouse::accountd {

/// What a client has proved with its ticket (RFC 4120 §3.2).
struct ShownTicket {
  std::string principal;  // the client's
  std::string reply;      // an AP-REP; empty if the client does not ask who we are
  std::string proof;      // SHA-256 of what no other AP-REQ holds, and what nobody can change in this one
};

// RFC 4120 §7.5.9
inline constexpr std::int32_t kRepeatError = 34;   // KRB_AP_ERR_REPEAT
inline constexpr std::int32_t kGenericError = 60;  // KRB_ERR_GENERIC

/// Why a ticket is no good.
struct BadTicket {
  bool isMalformed = false;  // it is no AP-REQ at all
  std::int32_t code = 0;     // of RFC 4120 §7.5.9
  std::string text;          // fit for the client's eyes
  std::string reason;        // for the log, in Kerberos's words; never anything of a ticket
};

/// Reads AP-REQs (RFC 4120 §5.5.1): with a keytab, or a fake in tests. Every call may block, on any thread.
class TicketReader {
 public:
  virtual ~TicketReader() = default;

  /// A ticket that has to be for this service ("pop"), of any host name. Whether the same was shown before, the caller
  /// sees to (SeenRequests). Throws MechanismUnavailable.
  virtual std::expected<ShownTicket, BadTicket> read(const std::string& service, std::string_view request) = 0;

  /// A KRB-ERROR (RFC 4120 §5.9.1).
  virtual std::string refusal(const std::string& service, std::int32_t code, const std::string& text) = 0;
};

}  // namespace posthouse::accountd
