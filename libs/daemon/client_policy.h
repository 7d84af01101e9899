#pragma once
#include <chrono>
#include <cstddef>
#include <vector>

#include "config/configuration.h"
#include "net/address.h"
#include "net/byte_stream.h"
#include "net/peer_watch.h"

namespace posthouse::daemon {

/// How many clients there may be, and how long they may talk. Counted in each process by itself.
struct ClientLimits {
  std::size_t connections = 20'000;         // of a listener
  std::size_t connectionsPerAddress = 100;  // an IPv6 network of 64 bits counts as one address
  std::size_t connectionsPerAccount = 100;  // that are logged in to read mail
  std::size_t idleCommands = 100;           // before login, or in SMTP without a mail

  /// Of a client's system that is asked and does not answer: then the client has gone.
  std::chrono::milliseconds silence = net::kSilence;

  /// Reads max_connections, max_connections_per_address, max_connections_per_account, max_idle_commands and
  /// max_silence.
  void read(config::Section& section);
};

/// What is asked of a client by where it comes from.
struct ClientPolicy {
  std::vector<net::Network> plaintextNetworks;  // [auth] plaintext_networks: may log in without TLS
  std::vector<net::Network> exemptNetworks;     // [limits] exempt_networks: rates, delays and the limits do not apply

  ClientLimits limits;

  /// [auth] and [limits]; the section of a program may have limits of its own.
  static ClientPolicy from(config::Configuration& configuration, config::Section& program);

  /// Whether a password may pass: TLS, loopback, or a network that was named.
  bool isProtected(const net::ByteStream& client) const;
  /// Whether limits leave it alone: loopback, or a network that was named.
  bool isExempt(const net::Address& client) const;
};

/// A list of networks; what is none is noted among the errors.
std::vector<net::Network> networks(config::Section& section, std::string_view key);
/// An address ("127.0.0.1:2525", "unix:/path"); what is none is noted among the errors.
net::Address address(config::Section& section, std::string_view key, std::string_view otherwise);

}  // namespace posthouse::daemon
