#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "daemon/client_policy.h"
#include "daemon/database_settings.h"
#include "daemon/listeners.h"
#include "pop3/language.h"

namespace posthouse::pop3d {

/// What a session goes by.
struct SessionConfig {
  std::string hostname;                               // as in the greeting
  std::chrono::milliseconds idleTimeout{600'000};     // RFC 1939 §3: at least 10 minutes
  const pop3::Language* language = &pop3::english();  // what LANG * means
  std::size_t maxCommandLength = 1024;                // octets with CRLF; RFC 2449 §4 asks for 255
  std::size_t maxSaslLength = 12 * 1024;              // octets with CRLF, of AUTH and of an answer in it
  unsigned maxErrors = 20;                            // commands refused by their form; after the login, in a row
  unsigned maxLoginFailures = 3;                      // before the session ends
  std::chrono::milliseconds loginFailureDelay{2000};  // times the failures so far; not for who is exempt from limits
  std::chrono::milliseconds kpopTimeout{10'000};      // for all that a client says before it has shown its ticket
  std::chrono::milliseconds loginDelay{0};            // RFC 2449 §6.5; 0: none
  std::chrono::milliseconds releaseGather{10};        // a maildrop that is let go waits so long for others
  std::chrono::milliseconds inUsePatience{1000};      // for who has the maildrop to be gone, if he is about to go
  std::chrono::milliseconds receiptPatience{2000};    // at QUIT, for the client's system to have what RETR sent
  std::optional<std::chrono::days> expire;            // RFC 2449 §6.7; nothing: never
  daemon::ClientPolicy clients;
};

struct ListenerConfig {
  daemon::ListenerConfig socket;
  std::string mailbox = "INBOX";  // the maildrop: its name in UTF-8, levels separated by "/"
  bool apop = false;              // greets with a timestamp, and takes APOP (RFC 1939 §7)
  bool kpop = false;              // POP3 behind a Kerberos ticket (pop3/sendauth.h); without STLS
};

struct Config {
  SessionConfig session;
  std::vector<ListenerConfig> listeners;
  daemon::DatabaseSettings database;
  std::size_t readAheadMemory = 64 * 1024 * 1024;      // octets of messages that nobody asked for yet, of all sessions
  std::size_t bodyCache = 32 * 1024 * 1024;            // octets of bodies that may be asked for again
  std::string accountd;                                // its gRPC address
  std::chrono::milliseconds accountdDeadline{10'000};  // a password's hash takes time, and they queue
  std::vector<std::string> eventPeers;
  /// By which the maildrops of an instance that was killed are free again.
  std::chrono::milliseconds lockLease{30'000};
  /// How long the database may be away before /readyz says so: a failover must not take all replicas out of a balancer.
  std::chrono::milliseconds databaseGrace{30'000};
  /// How long sessions have in a drain to reach their QUIT: shorter than the program's own, so that they still are
  /// told.
  std::chrono::milliseconds drainPatience{27'000};

  /// `section` is [pop3d]. Errors are noted in the configuration.
  static Config from(config::Configuration& configuration, config::Section& section);
};

}  // namespace posthouse::pop3d
