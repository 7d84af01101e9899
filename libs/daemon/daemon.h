#pragma once
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.h"
#include "async/task_group.h"
#include "config/configuration.h"
#include "daemon/arguments.h"
#include "daemon/server_tls.h"
#include "net/address.h"
#include "net/loop.h"
#include "observe/log.h"
#include "observe/readiness.h"
#include "rpc/security.h"

namespace posthouse::observe {
class AdminHttp;
}  // namespace posthouse::observe
namespace posthouse::rpc {
class CoreLog;
class Server;
}  // namespace posthouse::rpc

namespace posthouse::daemon {

class DaemonService;

/// What every program has, and its life from the command line to the drain. A main function reads:
///
///   return daemon::run("smtpd", argc, argv, [](daemon::Daemon& daemon) {
///     config::Section section = daemon.section();
///     const Config config = Config::from(section);    // notes errors
///     daemon.configurationIsRead();                    // ends here if there are any, or with --check-config
///     Server server(daemon.loop(), config, ...);       // everything else
///     daemon.grpc().add(service, mail::v1::Filter::service_full_name());
///     daemon.serve([&] { return server.close(); });    // returns when the program has drained
///   });
class Daemon {
 public:
  /// `body` is the rest of the program, which reads its part of the configuration.
  using Body = std::function<void(Daemon&)>;

  Daemon(std::string_view service, const Arguments& arguments, const char* const* environment, const Body& body);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  config::Configuration& configuration() noexcept { return configuration_; }
  /// The program's own section. Reads what every program has in it (admin_address, grpc_address); the caller reads the
  /// rest.
  config::Section section();

  /// The host's name for greetings and Received fields: [common] hostname.
  const std::string& hostname() const noexcept { return hostname_; }
  /// What tells this process from others of its kind: [common] instance.
  const std::string& instance() const noexcept { return instance_; }

  /// [common] drain_window: how long a drain may last before the process ends regardless.
  std::chrono::milliseconds drainWindow() const noexcept { return drainWindow_; }

  /// Throws config::InvalidConfiguration with all errors; ends the program with --check-config.
  void configurationIsRead();

  net::Loop& loop() noexcept { return loop_; }
  const observe::Log& log() const noexcept { return *log_; }
  prometheus::Registry& registry() noexcept { return *registry_; }
  observe::Readiness& readiness() noexcept { return readiness_; }
  const ServerTls& tls() const noexcept { return *tls_; }
  const rpc::Security& security() const noexcept { return security_; }
  /// Add services before serve().
  rpc::Server& grpc() noexcept { return *grpc_; }

  /// Pulled when the drain begins, on the loop: no new work.
  std::stop_token draining() const { return draining_.get_token(); }

  /// Opens the admin port and the gRPC server, and runs the loop until SIGTERM or SIGINT (or a Drain call) has been
  /// obeyed: not ready, [common] drain_settle for the balancer to notice, then `drain`, which stops accepting and
  /// returns when the last session has ended; after [common] drain_window the process ends regardless. A second signal
  /// ends it at once. `clients`: how many are left, for the log of an end that cuts them off.
  void serve(std::function<Task<>()> drain, std::function<std::size_t()> clients = {});

  /// What a reload came to: with any error, all stays as it was.
  struct Reloaded {
    std::vector<std::string> errors;
    std::vector<std::string> needRestart;  // keys that changed and that only a restart takes over
  };
  /// What SIGHUP does: reads the whole configuration again, as --check-config does, and takes over what can change
  /// while running: log.level, [tls] and its files.
  Reloaded reload();
  void beginDrain();
  void setLogLevel(observe::Level level) { sink_->threshold = level; }

  const std::string& service() const noexcept { return service_; }
  bool isDraining() const noexcept { return drainBegun_; }
  std::chrono::system_clock::time_point startedAt() const noexcept { return startedAt_; }

 private:
  struct Signals;
  config::Configuration checked(const Body& body) const;
  Task<> tellHealth();
  Task<> drainAndStop();
  void onSignal(int number);
  [[noreturn]] void abandon(std::string_view why);
  void requireTlsOfListeners();
  void readLog(config::Configuration& configuration, observe::Level& level) const;

  std::string service_;
  Arguments arguments_;
  const char* const* environment_;
  const Body& body_;
  std::chrono::system_clock::time_point startedAt_ = std::chrono::system_clock::now();
  config::Configuration configuration_;
  std::string hostname_;
  std::string instance_;
  std::chrono::milliseconds drainSettle_;
  std::chrono::milliseconds drainWindow_;
  observe::Level level_ = observe::Level::info;
  net::Address adminAddress_;
  std::string grpcAddress_;
  rpc::Security security_;

  std::shared_ptr<prometheus::Registry> registry_;
  std::unique_ptr<observe::LogSink> sink_;
  std::unique_ptr<observe::Log> log_;
  std::unique_ptr<rpc::CoreLog> coreLog_;
  net::Loop loop_;
  std::unique_ptr<ServerTls> tls_;
  observe::Readiness readiness_;
  std::stop_source draining_;
  bool drainBegun_ = false;
  std::stop_source ended_;
  TaskGroup background_;
  std::unique_ptr<rpc::Server> grpc_;
  std::unique_ptr<DaemonService> daemonService_;
  std::unique_ptr<observe::AdminHttp> admin_;
  std::unique_ptr<Signals> signals_;
  std::function<Task<>()> drain_;
  std::function<std::size_t()> clients_;
  prometheus::Gauge* drainingGauge_ = nullptr;
  prometheus::Gauge* reloadOk_ = nullptr;
  prometheus::Gauge* reloadedAt_ = nullptr;
};

/// Reads the command line and runs `body`; prints what goes wrong to standard error. Returns the exit status: 0 done, 1
/// failed, 2 usage.
int run(std::string_view service, int count, char** arguments, const Daemon::Body& body);

}  // namespace posthouse::daemon
