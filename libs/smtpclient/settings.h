#pragma once
#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "net/tls_context.h"
#include "smtpclient/laps.h"

namespace posthouse::smtpclient {

enum class Protocol { smtp, lmtp };

/// How long the peer may take, RFC 5321 §4.5.3.2.
struct Timeouts {
  std::chrono::milliseconds connect = std::chrono::seconds(30);
  std::chrono::milliseconds greeting = std::chrono::minutes(5);
  std::chrono::milliseconds command = std::chrono::minutes(5);  // EHLO, MAIL, RCPT, RSET
  std::chrono::milliseconds dataInitiation = std::chrono::minutes(2);
  std::chrono::milliseconds dataBlock = std::chrono::minutes(3);
  std::chrono::milliseconds dataTermination = std::chrono::minutes(10);
  std::chrono::milliseconds quit = std::chrono::seconds(5);
};

struct Settings {
  Protocol protocol = Protocol::smtp;
  std::string heloName;                  // our name
  std::optional<net::TlsContext> tls{};  // STARTTLS where it is offered; where TLS fails, connect() does without
  std::string serverName{};              // the peer's, for TLS
  Timeouts timeouts{};
  OnPhase onPhase{};
  std::function<void()> onTlsFailed{};  // and what follows goes without
};

}  // namespace posthouse::smtpclient
