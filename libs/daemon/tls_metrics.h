#pragma once
#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <array>
#include <string>

#include "net/tls_handshake.h"

namespace posthouse::daemon {

/// posthouse_tls_handshakes_total of one side, "server" or "client": on listeners with implicit TLS and after STARTTLS.
class TlsMetrics {
 public:
  TlsMetrics(prometheus::Registry& registry, const std::string& role);

  void count(const net::TlsHandshake& handshake);
  /// For a TlsContext, which must not outlive this.
  net::OnTlsHandshake counting() {
    return [this](const net::TlsHandshake& handshake) { count(handshake); };
  }

 private:
  using Counter = prometheus::Counter*;
  std::array<std::array<Counter, 2>, 2> ok_;  // by version, 1.2 and 1.3; by whether a session was resumed
  std::array<Counter, 4> failed_;             // by result
};

}  // namespace posthouse::daemon
