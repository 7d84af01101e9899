#pragma once
#include <string>
#include <vector>

#include "config/configuration.h"
#include "net/address.h"

namespace posthouse::daemon {

/// [[PROGRAM.listener]]: one place where clients come in.
struct ListenerConfig {
  enum class Tls { none, starttls, implicit };

  std::string name;  // "mx", "imaps": names the series of its metrics
  net::Address address;
  Tls tls = Tls::none;
  bool proxyProtocol = false;              // required: the real client is named by a PROXY header before all else
  std::vector<net::Network> proxyTrusted;  // from where such headers are believed; needed with proxyProtocol

  /// Reads name, address, tls, proxy_protocol and proxy_trusted; the caller reads what is its own and calls
  /// rejectUnread.
  static ListenerConfig from(config::Section& section);
};

}  // namespace posthouse::daemon
