#include <memory>

#include "clamd.h"
#include "config.h"
#include "daemon/daemon.h"
#include "engine.h"
#include "filter_service.h"
#include "metrics.h"
#include "rpc/server.h"

using namespace posthouse;

namespace {

Task<> nothingToDrain() {
  co_return;
}

}  // namespace

int main(int count, char** arguments) {
  return daemon::run("filterd", count, arguments, [](daemon::Daemon& daemon) {
    config::Section section = daemon.section();
    filterd::Config config = filterd::Config::from(section);
    config.policy.hostname = daemon.hostname();
    daemon.configurationIsRead();

    filterd::Metrics metrics(daemon.registry());
    std::unique_ptr<filterd::VirusScanner> scanner;
    if (config.clamd) {
      scanner = std::make_unique<filterd::Clamd>(daemon.loop(), *config.clamd, config.clamdStreamLimit);
    }
    filterd::Engine engine(config.policy, scanner.get(), metrics);
    filterd::FilterService service(daemon.loop(), config, engine, metrics, daemon.log());
    daemon.grpc().add(service, mail::v1::Filter::service_full_name());
    daemon.serve(nothingToDrain);
  });
}
