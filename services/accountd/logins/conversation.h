#pragma once
#include <chrono>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/task.h"

namespace posthouse::accountd {

/// A certificate whose key the client holds, as the program that it came to read it.
struct ClientCertificate {
  std::string fingerprint;             // SHA-256, 32 octets
  std::string subject;                 // for logs
  std::vector<std::string> mailboxes;  // that it says are the client's
  std::chrono::sys_seconds notBefore;
  std::chrono::sys_seconds notAfter;
  bool isForClients = false;
  bool isTrusted = false;  // an authority that the program trusts says so
  bool isRevoked = false;
  std::string objection;  // why it is not trusted, for logs
};

/// Over what a client logs in, as the program says that it came to.
struct Connection {
  std::string protocol;
  std::string remoteAddress;
  std::string sessionId;
  bool isTls = false;
  std::map<std::string, std::string> channelBindings;  // by type
  std::optional<ClientCertificate> clientCertificate = std::nullopt;
};

/// The client gave the exchange up, or its program is gone.
class ConversationEnded : public std::runtime_error {
 public:
  ConversationEnded() : std::runtime_error("the client gave the exchange up") {}
};

/// Too many failures: whatever the client may prove is not looked at.
class TurnedAway : public std::runtime_error {
 public:
  TurnedAway() : std::runtime_error("too many failed logins") {}
};

/// The client's end of a SASL exchange (RFC 4422 §3).
class Conversation {
 public:
  virtual ~Conversation() = default;
  /// The response to a challenge; both are octets. Throws ConversationEnded.
  virtual Task<std::string> ask(std::string challenge) = 0;
  /// The client has said who it is (or nothing of that: the name is empty), and maybe its password or token: before
  /// what follows costs anything. Throws TurnedAway.
  virtual Task<> claims(std::string /*name*/, std::optional<std::string> /*secret*/) { co_return; }
};

}  // namespace posthouse::accountd
