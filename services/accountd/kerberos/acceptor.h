#pragma once
#include <expected>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace posthouse::accountd {

/// Why nothing came of a client's token.
struct Rejection {
  bool isMalformed = false;  // it is no token at all
  std::string reason;        // for the log, in Kerberos's words; never anything of a ticket
};

/// A client's security context with us (RFC 2743 §1.1.3). Every call may block, as keytab and replay cache are files;
/// one at a time, on any thread.
class SecurityContext {
 public:
  virtual ~SecurityContext() = default;

  struct Accepted {
    std::string token;        // for the client; may be empty
    bool isComplete = false;  // nothing more is expected but an answer to the token
  };

  /// The client's next token. Throws MechanismUnavailable.
  virtual std::expected<Accepted, Rejection> accept(std::string_view token) = 0;

  /// When it is complete: the name of the client's principal.
  virtual std::string initiator() = 0;
  /// Integrity only (conf_flag FALSE).
  virtual std::expected<std::string, Rejection> wrap(std::string_view message) = 0;
  virtual std::expected<std::string, Rejection> unwrap(std::string_view token) = 0;
  /// Whether the ticket has run out since.
  virtual bool hasExpired() = 0;
};

/// What security contexts are made by: the keytab, or a fake in tests.
class Acceptor {
 public:
  virtual ~Acceptor() = default;
  /// With a client whose ticket has to be for this service: "imap". Does not block.
  virtual std::unique_ptr<SecurityContext> begin(std::string service) = 0;
};

}  // namespace posthouse::accountd
