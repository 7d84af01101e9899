#include "daemon/server_tls.h"

namespace posthouse::daemon {

namespace {

using namespace std::chrono_literals;
constexpr auto kWatchInterval = 10s;

}  // namespace

ServerTls::ServerTls(config::Configuration& configuration, prometheus::Registry& registry) {
  config::Section section = configuration.section("tls");
  certificateFile_ = section.text("certificate", "");
  keyFile_ = section.text("key", "");
  section.text("ca_file", "");  // for those that connect: checks and clients
  if (certificateFile_.empty() != keyFile_.empty()) section.fail("certificate", "certificate and key go together");
  section.rejectUnread();
  if (isConfigured()) {
    notAfter_ = &prometheus::BuildGauge()
                     .Name("posthouse_tls_certificate_not_after_timestamp_seconds")
                     .Help("Expiry of each loaded certificate.")
                     .Register(registry)
                     .Add({{"name", "default"}});
  }
}

std::filesystem::file_time_type ServerTls::changedAt() const {
  std::error_code ignored;
  return std::max(std::filesystem::last_write_time(certificateFile_, ignored),
                  std::filesystem::last_write_time(keyFile_, ignored));
}

void ServerTls::load() {
  if (!isConfigured()) return;
  loadedAt_ = changedAt();
  context_ = net::TlsContext::server(certificateFile_, keyFile_);
  notAfter_->Set(static_cast<double>(std::chrono::system_clock::to_time_t(context_->notAfter())));
}

void ServerTls::reload(const observe::Log& log) {
  try {
    load();
    if (isConfigured())
      log.info("tls.certificate.loaded", "the certificate was read again", {{"file", certificateFile_}});
  } catch (const std::runtime_error& error) {
    log.error("tls.certificate.failed", "the certificate was not read; the old one stays in use",
              {{"error", error.what()}});
  }
}

Task<> ServerTls::watch(net::Loop& loop, observe::Log log, std::stop_token stop) {
  if (!isConfigured()) co_return;
  try {
    for (;;) {
      co_await loop.sleep(kWatchInterval, stop);
      if (changedAt() != loadedAt_) reload(log);
    }
  } catch (const net::Interrupted&) {  // the program ends
  }
}

}  // namespace posthouse::daemon
