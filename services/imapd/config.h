#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "daemon/client_policy.h"
#include "daemon/database_settings.h"
#include "daemon/listeners.h"

namespace posthouse::imapd {

struct Config {
  std::string hostname;  // as in the greeting
  std::vector<daemon::ListenerConfig> listeners;
  daemon::DatabaseSettings database;
  daemon::ClientPolicy clients;
  std::string accountd;                 // gRPC address
  std::vector<std::string> eventPeers;  // gRPC addresses of the programs that are told of changes

  std::chrono::milliseconds loginTimeout{std::chrono::seconds(60)};  // for each command before login
  std::chrono::milliseconds idleTimeout{std::chrono::minutes(30)};   // after login (RFC 3501 §5.4: at least 30 minutes)
  std::chrono::milliseconds transferTimeout{std::chrono::minutes(5)};  // for a client to send or take a piece
  std::chrono::milliseconds authenticateTimeout{std::chrono::seconds(10)};
  std::chrono::milliseconds failureDelay{std::chrono::seconds(2)};   // before a wrong password is answered
  std::chrono::milliseconds pollInterval{std::chrono::seconds(15)};  // of the modification sequences of open accounts
  std::size_t maxCommand =
      std::size_t{64} * 1024;  // octets of a command with its literals, without an APPEND's message
  std::uint64_t maxMessageSize = std::uint64_t{50} * 1024 * 1024;  // octets of an APPEND
  std::uint64_t maxHeaderSize = std::uint64_t{2} * 1024 * 1024;    // octets of it before the empty line
  std::uint64_t appendMemory = std::uint64_t{256} * 1024 * 1024;   // octets of all APPENDs that are under way
  std::uint64_t readMemory =
      std::uint64_t{256} * 1024 * 1024;  // octets taken by messages that are read whole, for a part or a SEARCH
  std::size_t viewCache = std::size_t{64} * 1024 * 1024;  // octets of mailbox views that are kept
  unsigned maxBadCommands = 20;                           // in a session, then BYE
  unsigned maxLoginFailures = 3;                          // on a connection, then BYE
  /// How long the database may be away before /readyz says so: a failover must not take all replicas out of a balancer.
  std::chrono::milliseconds databaseGrace{30'000};
  /// Over which sessions are told that the program ends: shorter than its drain, so that the last still are told.
  std::chrono::milliseconds drainSpread{std::chrono::seconds(24)};

  /// `section` is [imapd].
  static Config from(config::Configuration& configuration, config::Section section, std::string hostname);
};

}  // namespace posthouse::imapd
