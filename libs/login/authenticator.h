#pragma once
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"
#include "login/connection.h"
#include "store/types.h"

namespace posthouse::login {

/// The account that a client has proved to be.
struct Identity {
  store::AccountId account{};
  std::string address;    // the canonical one
  bool readOnly = false;  // may read its mail, and change nothing
  /// Endings of its sessions up to this number were known before the login began (OpenSessions).
  std::int64_t knownEnding = 0;
};

enum class Failure {
  badCredentials,
  disabled,
  notAuthorized,
  malformed,
  noSuchMechanism,
  throttled,  // too many failures: to come again later
  unavailable,
  needsAppPassword,  // the password is right, but not for this protocol
  needsCode,         // the password is right, and wants a one-time code beside it
};

struct Denial {
  Failure failure = Failure::unavailable;
  std::string name{};  // whom the client said to be, as far as it came to that; for logs
  std::string text{};  // with malformed, and maybe with badCredentials: fit for the client's eyes
};

using Outcome = std::expected<Identity, Denial>;

/// What becomes of who shows a Kerberos ticket, and what he is sent.
struct TicketAnswer {
  Outcome outcome;
  std::string reply{};  // AP-REP, or KRB-ERROR if he is refused (RFC 4120 §5.5.2 and §5.9.1); may be empty
};

/// How a protocol carries SASL's tokens to its client and back.
class Dialogue {
 public:
  virtual ~Dialogue() = default;
  /// The client's response to a challenge; nothing if it gave the exchange up or broke it.
  virtual Task<std::optional<std::string>> ask(std::string challenge) = 0;
};

/// Proves who a client is: accountd, or a fake in tests.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  /// The SASL mechanisms to announce to a client, the best first.
  virtual std::vector<std::string> mechanisms(const ConnectionTraits& connection) const = 0;

  /// A name and a password, as IMAP's LOGIN and POP3's PASS have them.
  virtual Task<Outcome> checkPassword(std::string name, std::string password, Connection connection) = 0;

  /// POP3's APOP (RFC 1939 §7). `timestamp`: as this connection was greeted, with its angle brackets.
  virtual Task<Outcome> checkApop(std::string name, std::string timestamp, std::string digest,
                                  Connection connection) = 0;

  /// KPOP's ticket: an AP-REQ (RFC 4120 §5.5.1) of at most 64 KiB.
  virtual Task<TicketAnswer> checkTicket(std::string request, Connection connection) = 0;

  /// A SASL exchange (RFC 4422 §3). Nothing if the dialogue came to its end before; throws what the dialogue throws.
  virtual Task<std::optional<Outcome>> exchange(std::string mechanism, std::optional<std::string> initialResponse,
                                                Connection connection, Dialogue& dialogue) = 0;
};

}  // namespace posthouse::login
