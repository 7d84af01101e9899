#pragma once
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>

#include "async/task.h"
#include "config/configuration.h"
#include "net/loop.h"
#include "net/tls_context.h"
#include "observe/log.h"

namespace posthouse::daemon {

/// The certificate that a program shows to its clients, read again when its file changes: a renewal needs no restart.
class ServerTls {
 public:
  /// [tls] certificate and key, both or none. Metric: posthouse_tls_certificate_not_after_timestamp_seconds.
  ServerTls(config::Configuration& configuration, prometheus::Registry& registry);

  /// Whether a certificate is configured: without one, STARTTLS is not offered.
  bool isConfigured() const noexcept { return !certificateFile_.empty(); }
  /// Reads the files for the first time. Throws std::runtime_error that names the file.
  void load();
  /// For a new connection; those that exist keep theirs. Only if isConfigured().
  const net::TlsContext& context() const { return *context_; }

  /// Reads the files again; what is wrong with them is logged, and the old certificate stays.
  void reload(const observe::Log& log);
  /// Reloads whenever a file has changed, until the token is pulled.
  Task<> watch(net::Loop& loop, observe::Log log, std::stop_token stop);

 private:
  std::filesystem::file_time_type changedAt() const;

  std::string certificateFile_;
  std::string keyFile_;
  prometheus::Gauge* notAfter_ = nullptr;
  std::optional<net::TlsContext> context_;
  std::filesystem::file_time_type loadedAt_{};
};

}  // namespace posthouse::daemon
