#include "daemon/tls_metrics.h"

namespace posthouse::daemon {

TlsMetrics::TlsMetrics(prometheus::Registry& registry, const std::string& role) {
  auto& family =
      prometheus::BuildCounter().Name("posthouse_tls_handshakes_total").Help("TLS handshakes.").Register(registry);
  const auto series = [&](const char* version, const char* resumed, const char* result) {
    return &family.Add({{"role", role}, {"version", version}, {"resumed", resumed}, {"result", result}});
  };
  ok_ = {{{series("TLSv1.2", "0", "ok"), series("TLSv1.2", "1", "ok")},
          {series("TLSv1.3", "0", "ok"), series("TLSv1.3", "1", "ok")}}};
  failed_ = {nullptr, series("none", "0", "no_shared"), series("none", "0", "cert"), series("none", "0", "error")};
}

void TlsMetrics::count(const net::TlsHandshake& handshake) {
  if (handshake.result == net::TlsHandshake::Result::ok) {
    ok_[handshake.version == "TLSv1.3" ? 1 : 0][handshake.isResumed ? 1 : 0]->Increment();
  } else {
    failed_[static_cast<std::size_t>(handshake.result)]->Increment();
  }
}

}  // namespace posthouse::daemon
