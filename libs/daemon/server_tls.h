#pragma once
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task.h"
#include "config/configuration.h"
#include "daemon/tls_metrics.h"
#include "daemon/tls_settings.h"
#include "net/loop.h"
#include "net/tls_context.h"
#include "observe/log.h"

namespace posthouse::daemon {

/// The certificates that a program shows to its clients, read again when a file changes: a renewal needs no restart.
/// All change at once or, if anything is wrong, nothing does.
class ServerTls {
 public:
  /// Reads [tls] and its files; what is wrong is noted among the configuration's errors. Metrics:
  /// posthouse_tls_certificate_not_after_timestamp_seconds, posthouse_tls_last_reload_successful,
  /// posthouse_tls_handshakes_total.
  ServerTls(config::Configuration& configuration, prometheus::Registry& registry);

  /// Whether a certificate is configured: without one, STARTTLS is not offered.
  bool isConfigured() const noexcept { return !settings_.pairs.empty(); }
  /// For a new connection; those that exist keep theirs. Only if isConfigured(). `asked`: what a listener says of
  /// clients' certificates; nothing: what [tls] does.
  const net::TlsContext& context(std::optional<net::ClientCertificates> asked = {}) const {
    return contexts_[static_cast<std::size_t>(asked.value_or(settings_.clientCertificates))].value();
  }
  /// Whether the authorities of clients' certificates are named.
  bool knowsClientAuthorities() const noexcept { return !settings_.clientAuthorityFile.empty(); }

  /// Takes over what [tls] and its files say now, if nothing in `fresh` is wrong. Whether there is TLS at all changes
  /// only with a restart.
  void adopt(config::Configuration& fresh, const observe::Log& log);
  /// Reads the files again; what is wrong with them is logged, and the old ones stay in use.
  void reload(const observe::Log& log);
  /// Reloads whenever a file has changed, which it looks for now and then, until the token is pulled.
  Task<> watch(net::Loop& loop, observe::Log log, std::stop_token stop,
               std::chrono::milliseconds interval = std::chrono::seconds(10));

 private:
  using ChangeTimes = std::vector<std::filesystem::file_time_type>;
  static ChangeTimes changeTimes(const TlsSettings& settings);
  /// Reads the files of `settings` and uses them, if there is nothing to complain of. Whether it does.
  bool use(const TlsSettings& settings, const TlsSettings::Complain& complain);
  void failed(const observe::Log& log, const std::string& error);

  TlsMetrics metrics_;
  prometheus::Family<prometheus::Gauge>& notAfter_;
  prometheus::Gauge& reloadOk_;
  std::map<std::string, prometheus::Gauge*> notAfterOf_;  // by label
  std::shared_ptr<net::TicketKeys> tickets_ = std::make_shared<net::TicketKeys>();
  TlsSettings settings_;
  ChangeTimes readAt_;
  std::array<std::optional<net::TlsContext>, 3> contexts_;  // by net::ClientCertificates, of the same parts
};

}  // namespace posthouse::daemon
