#include "daemon/daemon.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <prometheus/registry.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "daemon/client_policy.h"
#include "daemon/daemon_service.h"
#include "daemon/process.h"
#include "observe/admin_http.h"
#include "observe/loop_lag.h"
#include "observe/process_metrics.h"
#include "rpc/address.h"
#include "rpc/core_log.h"
#include "rpc/server.h"

namespace posthouse::daemon {

namespace {

using namespace std::chrono_literals;
constexpr auto kHealthInterval = 1s;

/// --check-config has been answered: unwinds to run().
struct Checked {};

std::string systemHostname() {
  char name[256] = "localhost";
  gethostname(name, sizeof name - 1);
  return name;
}

prometheus::Gauge& gauge(prometheus::Registry& registry, const char* name, const char* help,
                         const prometheus::Labels& labels = {}) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(labels);
}

/// posthouse_ready, computed when it is asked for.
class ReadyMetric final : public prometheus::Collectable {
 public:
  explicit ReadyMetric(const observe::Readiness& readiness) : readiness_(readiness) {}
  std::vector<prometheus::MetricFamily> Collect() const override {
    prometheus::ClientMetric metric;
    metric.gauge.value = readiness_.reasons().empty() ? 1 : 0;
    return {{"posthouse_ready", "1 while /readyz answers 200.", prometheus::MetricType::Gauge, {metric}}};
  }

 private:
  const observe::Readiness& readiness_;
};

}  // namespace

struct Daemon::Signals {
  Signals(Daemon& daemon, std::initializer_list<int> numbers) {
    for (const int number : numbers) {
      auto* handle = new uv_signal_t;
      uv_signal_init(daemon.loop_.uv(), handle);
      handle->data = &daemon;
      uv_signal_start(
          handle, [](uv_signal_t* signal, int received) { static_cast<Daemon*>(signal->data)->onSignal(received); },
          number);
      handles.push_back(handle);
    }
  }
  ~Signals() {
    for (uv_signal_t* handle : handles) {
      uv_close(reinterpret_cast<uv_handle_t*>(handle),
               [](uv_handle_t* closed) { delete reinterpret_cast<uv_signal_t*>(closed); });
    }
  }
  std::vector<uv_signal_t*> handles;
};

Daemon::Daemon(std::string_view service, const Arguments& arguments, const char* const* environment, const Body& body)
    : service_(service),
      arguments_(arguments),
      environment_(environment),
      body_(body),
      configuration_(config::Configuration::load(arguments.configurationFile, environment, arguments.overrides)),
      registry_(std::make_shared<prometheus::Registry>()) {
  prepareProcess();
  config::Section common = configuration_.section("common");
  hostname_ = common.text("hostname", systemHostname());
  instance_ = common.text("instance", systemHostname());
  common.text("data_dir", "");
  drainSettle_ = common.duration("drain_settle", 0s);
  drainWindow_ = common.duration("drain_window", 30s);
  common.rejectUnread();
  readLog(configuration_, level_);
  security_ = rpc::Security::from(configuration_.section("grpc"));
  tls_ = std::make_unique<ServerTls>(configuration_, *registry_);
}

Daemon::~Daemon() {
  signals_.reset();
  grpc_.reset();
}

void Daemon::readLog(config::Configuration& configuration, observe::Level& level) const {
  config::Section log = configuration.section("log");
  level = observe::parseLevel(log.choice("level", {"debug", "info", "warn", "error"}, "info"))
              .value_or(observe::Level::info);
  log.rejectUnread();
}

config::Section Daemon::section() {
  config::Section section = configuration_.section(service_);
  adminAddress_ = address(section, "admin_address", "127.0.0.1:0");
  grpcAddress_ = rpc::address(configuration_, section, "grpc_address");
  return section;
}

/// What would only show once a listener opens, or a client asks for STARTTLS.
void Daemon::requireTlsOfListeners() {
  for (config::Section& listener : configuration_.section(service_).tables("listener")) {
    if (listener.text("client_certificates", "") == "require" && !tls_->knowsClientAuthorities())
      listener.fail("client_certificates", "\"require\" needs tls.client_ca_file: who certifies them");
    if (!tls_->isConfigured() && listener.text("tls", "none") != "none")
      listener.fail("tls", "there is no certificate: set tls.certificate and tls.key");
  }
}

void Daemon::configurationIsRead() {
  requireTlsOfListeners();
  configuration_.check();
  if (arguments_.checkOnly) throw Checked{};

  sink_ = std::make_unique<observe::LogSink>(STDOUT_FILENO, *registry_);
  sink_->threshold = level_;
  log_ = std::make_unique<observe::Log>(*sink_, service_, instance_);
  coreLog_ = std::make_unique<rpc::CoreLog>(*log_);
  grpc_ = std::make_unique<rpc::Server>(loop_);
  grpc_->measure(*registry_);
  daemonService_ = std::make_unique<DaemonService>(*this);
  grpc_->add(*daemonService_, mail::admin::v1::Daemon::service_full_name());
  readiness_.add("draining",
                 [this] { return isDraining() ? std::optional<std::string>("the program is ending") : std::nullopt; });

  gauge(*registry_, "posthouse_build_info", "Build of the running binary.",
        {{"service", service_}, {"version", POSTHOUSE_VERSION}, {"revision", POSTHOUSE_REVISION}})
      .Set(1);
  drainingGauge_ = &gauge(*registry_, "posthouse_draining", "1 after SIGTERM until exit.");
  reloadOk_ = &gauge(*registry_, "posthouse_config_last_reload_successful", "1 if the last (re)load was accepted.");
  reloadedAt_ = &gauge(*registry_, "posthouse_config_last_reload_success_timestamp_seconds",
                       "When the running configuration was loaded.");
  reloadOk_->Set(1);
  reloadedAt_->SetToCurrentTime();
}

void Daemon::serve(std::function<Task<>()> drain, std::function<std::size_t()> clients) {
  drain_ = std::move(drain);
  clients_ = std::move(clients);
  const observe::ProcessMetrics processMetrics;
  const ReadyMetric readyMetric(readiness_);
  try {
    if (!grpcAddress_.empty()) grpc_->start(grpcAddress_, security_);
    readiness_.onAnswer([this](bool isReady) { grpc_->setServing(isReady); });
    admin_ = std::make_unique<observe::AdminHttp>(
        loop_, adminAddress_,
        std::vector<const prometheus::Collectable*>{registry_.get(), &processMetrics, &readyMetric}, readiness_,
        observe::AdminHttp::About{service_ + " " POSTHOUSE_VERSION, configuration_.redacted()});
  } catch (const std::exception& error) {
    // Not thrown on: main's tasks are under way already, on what unwinding would take from under them.
    log_->error("service.failed", "could not start", {{"error", error.what()}});
    coreLog_.reset();
    sink_.reset();
    std::fputs(fmt::format("{}: {}\n", service_, error.what()).c_str(), stderr);
    std::_Exit(1);
  }
  signals_ = std::make_unique<Signals>(*this, std::initializer_list<int>{SIGTERM, SIGINT, SIGHUP});
  background_.spawn(observe::measureLoopLag(loop_, *registry_, ended_.get_token()));
  background_.spawn(tls_->watch(loop_, *log_, ended_.get_token()));
  background_.spawn(giveMemoryBack(loop_, ended_.get_token()));
  background_.spawn(tellHealth());
  log_->info(
      "service.started", "ready for work",
      {{"version", POSTHOUSE_VERSION}, {"admin_address", admin_->address().text()}, {"grpc_address", grpcAddress_}});
  loop_.run();
  ended_.request_stop();
  loop_.runUntilDone(background_.drained());
  admin_.reset();
  log_->info("service.stopped", "all work is done");
}

void Daemon::onSignal(int number) {
  if (number == SIGHUP) {
    reload();
  } else if (isDraining()) {
    abandon("a second signal: ending at once");
  } else {
    beginDrain();
  }
}

/// Reads the configuration as a start would. Throws InvalidConfiguration or, for certificates, std::runtime_error.
config::Configuration Daemon::checked(const Body& body) const {
  Arguments checkOnly = arguments_;
  checkOnly.checkOnly = true;
  Daemon candidate(service_, checkOnly, environment_, body);
  try {
    body(candidate);
  } catch (const Checked&) {
  }
  return std::move(candidate.configuration_);
}

Daemon::Reloaded Daemon::reload() {
  Reloaded reloaded;
  try {
    config::Configuration fresh = checked(body_);
    readLog(fresh, level_);
    setLogLevel(level_);
    tls_->adopt(fresh, *log_);
    fresh.check();
    const bool togglesTls = tls_->isConfigured() == fresh.section("tls").text("certificate", "").empty();
    for (std::string& key : fresh.differences(configuration_)) {
      if (key == "log.level" || (key.starts_with("tls.") && !(togglesTls && key == "tls.certificate"))) continue;
      reloaded.needRestart.push_back(std::move(key));
    }
    reloadedAt_->SetToCurrentTime();
    log_->info("config.reloaded", "log.level, [tls] and its files were read again",
               {{"need_restart", fmt::format("{}", fmt::join(reloaded.needRestart, " "))}});
  } catch (const std::runtime_error& wrong) {
    reloaded.errors.emplace_back(wrong.what());
    log_->error("config.rejected", "the configuration is wrong; the old one stays in force", {{"error", wrong.what()}});
  }
  reloadOk_->Set(reloaded.errors.empty() ? 1 : 0);
  return reloaded;
}

/// Asks now and then, so that the health service changes its answer where nobody asks /readyz.
Task<> Daemon::tellHealth() {
  try {
    while (!isDraining()) {
      readiness_.reasons();
      co_await loop_.sleep(kHealthInterval, draining_.get_token());
    }
  } catch (const net::Interrupted&) {  // the program ends
  }
}

void Daemon::abandon(std::string_view why) {
  log_->error("service.aborted", why, {{"clients_cut", clients_ ? clients_() : 0}});
  coreLog_.reset();
  sink_.reset();
  std::_Exit(1);
}

void Daemon::beginDrain() {
  if (std::exchange(drainBegun_, true)) return;
  log_->info("service.draining", "no new work is taken");
  drainingGauge_->Set(1);
  grpc_->setServing(false);
  background_.spawn(drainAndStop());
}

Task<> Daemon::drainAndStop() {
  if (drainSettle_ > 0ms) co_await loop_.sleep(drainSettle_);
  // Whatever hangs, the process ends: what was acknowledged is in PostgreSQL.
  auto* guard = new uv_timer_t;
  uv_timer_init(loop_.uv(), guard);
  guard->data = this;
  uv_timer_start(
      guard,
      [](uv_timer_t* timer) {
        static_cast<Daemon*>(timer->data)->abandon("work was left when the drain window ended");
      },
      static_cast<std::uint64_t>(drainWindow_.count()), 0);
  draining_.request_stop();
  co_await drain_();
  co_await grpc_->close(5s);
  co_await admin_->close();
  uv_close(reinterpret_cast<uv_handle_t*>(guard),
           [](uv_handle_t* closed) { delete reinterpret_cast<uv_timer_t*>(closed); });
  signals_.reset();
  loop_.stop();
}

int run(std::string_view service, int count, char** arguments, const Daemon::Body& body) {
  try {
    const Arguments parsed = Arguments::parse(count, arguments, std::getenv("POSTHOUSE_CONFIG"));
    if (parsed.help) {
      std::fputs(usage(service).c_str(), stdout);
      return 0;
    }
    if (parsed.version) {
      std::fputs(fmt::format("{} {}\n", service, POSTHOUSE_VERSION).c_str(), stdout);
      return 0;
    }
    Daemon daemon(service, parsed, environ, body);
    body(daemon);
    return 0;
  } catch (const Checked&) {
    std::fputs("the configuration is good\n", stdout);
    return 0;
  } catch (const std::invalid_argument& error) {
    std::fputs(fmt::format("{}: {}\n{}", service, error.what(), usage(service)).c_str(), stderr);
    return 2;
  } catch (const config::InvalidConfiguration& error) {
    std::fputs(fmt::format("{}\n", error.what()).c_str(), stderr);
    return 1;
  } catch (const std::exception& error) {
    std::fputs(fmt::format("{}: {}\n", service, error.what()).c_str(), stderr);
    return 1;
  }
}

}  // namespace posthouse::daemon
