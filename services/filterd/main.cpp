#include <chrono>
#include <optional>

#include "clamd.h"
#include "config.h"
#include "daemon/daemon.h"
#include "engine.h"
#include "filter_service.h"
#include "metrics.h"
#include "rpc/server.h"
#include "watched_scanner.h"

using namespace posthouse;

namespace {

constexpr std::chrono::seconds kProbeInterval{30};

}  // namespace

int main(int count, char** arguments) {
  return daemon::run("filterd", count, arguments, [](daemon::Daemon& daemon) {
    config::Section section = daemon.section();
    filterd::Config config = filterd::Config::from(section);
    config.policy.hostname = daemon.hostname();
    daemon.configurationIsRead();

    filterd::Metrics metrics(daemon.registry());
    std::optional<filterd::Clamd> clamd;
    std::optional<filterd::WatchedScanner> scanner;
    TaskGroup background;
    if (config.clamd) {
      clamd.emplace(daemon.loop(), *config.clamd, config.clamdStreamLimit);
      scanner.emplace(*clamd, "clamd", daemon.registry());
      background.spawn(scanner->run(daemon.loop(), kProbeInterval, config.clamdTimeout, daemon.draining()));
    }
    filterd::Engine engine(config.policy, scanner ? &*scanner : nullptr, metrics);
    filterd::FilterService service(daemon.loop(), config, engine, metrics, daemon.log());
    daemon.grpc().add(service, mail::v1::Filter::service_full_name());
    daemon.serve([&background] { return background.drained(); });
  });
}
