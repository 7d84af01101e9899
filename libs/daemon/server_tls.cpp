#include "daemon/server_tls.h"

namespace posthouse::daemon {

ServerTls::ServerTls(config::Configuration& configuration, prometheus::Registry& registry)
    : metrics_(registry, "server"),
      notAfter_(prometheus::BuildGauge()
                    .Name("posthouse_tls_certificate_not_after_timestamp_seconds")
                    .Help("Expiry of each loaded certificate.")
                    .Register(registry)),
      reloadOk_(prometheus::BuildGauge()
                    .Name("posthouse_tls_last_reload_successful")
                    .Help("1 if the certificates in use are what the files hold.")
                    .Register(registry)
                    .Add({})) {
  settings_ = TlsSettings::from(configuration);
  use(settings_, TlsSettings::noteIn(configuration));
  reloadOk_.Set(1);
}

ServerTls::ChangeTimes ServerTls::changeTimes(const TlsSettings& settings) {
  ChangeTimes times;
  for (const std::string& file : settings.files()) {
    std::error_code missing;
    times.push_back(std::filesystem::last_write_time(file, missing));
  }
  return times;
}

bool ServerTls::use(const TlsSettings& settings, const TlsSettings::Complain& complain) {
  if (settings.pairs.empty()) return true;
  ChangeTimes readAt = changeTimes(settings);  // before reading: a change in between is seen later
  const auto certificates = settings.readCertificates(complain);
  const auto ticketSecret = settings.readTicketSecret(complain);
  const auto clients = settings.readClientAuthorities(complain);
  readAt_ = std::move(readAt);
  if (certificates.size() < settings.pairs.size() || !ticketSecret || !clients) return false;
  net::TlsServerOptions options = settings.options;
  options.tickets = tickets_;
  options.clients = *clients;
  options.onHandshake = metrics_.counting();
  try {
    const auto context = net::TlsContext::server(certificates, options);
    using enum net::ClientCertificates;
    for (const auto asked : {off, request, require}) contexts_[static_cast<std::size_t>(asked)] = context.asking(asked);
  } catch (const std::runtime_error& error) {
    complain(0, "certificate", error.what());
    return false;
  }

  if (ticketSecret->empty()) {
    tickets_->keepPrivate();
  } else {
    tickets_->share(*ticketSecret);
  }
  for (const auto& [label, gauge] : std::exchange(notAfterOf_, {})) notAfter_.Remove(gauge);
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    prometheus::Gauge& gauge = notAfter_.Add({{"name", settings.pairs[i].label}});
    gauge.Set(static_cast<double>(std::chrono::system_clock::to_time_t(certificates[i].notAfter())));
    notAfterOf_[settings.pairs[i].label] = &gauge;
  }
  return true;
}

void ServerTls::failed(const observe::Log& log, const std::string& error) {
  reloadOk_.Set(0);
  log.error("tls.certificate.failed", "the certificates were not read; the old ones stay in use", {{"error", error}});
}

void ServerTls::adopt(config::Configuration& fresh, const observe::Log& log) {
  const TlsSettings settings = TlsSettings::from(fresh);
  if (fresh.errors().empty() && isConfigured() && !settings.pairs.empty() &&
      use(settings, TlsSettings::noteIn(fresh))) {
    settings_ = settings;
    reloadOk_.Set(1);
  }
  if (!fresh.errors().empty()) failed(log, fresh.errors().lines().front());
}

void ServerTls::reload(const observe::Log& log) {
  std::string wrong;
  const bool isUsed = use(settings_, [&](std::size_t, std::string_view, const std::string& message) {
    wrong += (wrong.empty() ? "" : "; ") + message;
  });
  if (!isUsed) return failed(log, wrong);
  reloadOk_.Set(1);
  log.info("tls.certificate.loaded", "the certificates were read again",
           {{"file", settings_.pairs.front().certificate}});
}

Task<> ServerTls::watch(net::Loop& loop, observe::Log log, std::stop_token stop, std::chrono::milliseconds interval) {
  if (!isConfigured()) co_return;
  try {
    for (;;) {
      co_await loop.sleep(interval, stop);
      if (changeTimes(settings_) != readAt_) reload(log);
    }
  } catch (const net::Interrupted&) {  // the program ends
  }
}

}  // namespace posthouse::daemon
