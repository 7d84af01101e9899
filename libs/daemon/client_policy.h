#pragma once
#include <vector>

#include "config/configuration.h"
#include "net/address.h"
#include "net/byte_stream.h"

namespace posthouse::daemon {

/// What is asked of a client by where it comes from.
struct ClientPolicy {
  std::vector<net::Network> plaintextNetworks;  // [auth] plaintext_networks: may log in without TLS
  std::vector<net::Network>
      exemptNetworks;  // [limits] exempt_networks: rates, delays and connection limits do not apply

  static ClientPolicy from(config::Configuration& configuration);

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
