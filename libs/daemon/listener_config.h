#pragma once
#include <optional>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "net/address.h"
#include "net/tls_context.h"

namespace posthouse::daemon {

/// [[PROGRAM.listener]]: one place where clients come in.
struct ListenerConfig {
  enum class Tls { none, starttls, implicit };

  std::string name;  // "mx", "imaps": names the series of its metrics
  net::Address address;
  Tls tls = Tls::none;
  std::optional<net::ClientCertificates> clientCertificates = {};  // nothing: as [tls] says
  bool proxyProtocol = false;              // required: the real client is named by a PROXY header before all else
  std::vector<net::Network> proxyTrusted;  // from where such headers are believed; needed with proxyProtocol

  /// Who comes to it: programs are asked for certificates only where the listener itself says so.
  enum class For { people, programs };

  /// Reads name, address, tls, client_certificates, proxy_protocol and proxy_trusted; the caller reads what is its own
  /// and calls rejectUnread.
  static ListenerConfig from(config::Section& section, For whom = For::people);
};

}  // namespace posthouse::daemon
