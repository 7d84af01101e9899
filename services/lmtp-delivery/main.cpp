#include "batcher.h"
#include "config.h"
#include "crypto/random.h"
#include "daemon/daemon.h"
#include "daemon/database_settings.h"
#include "daemon/last_call.h"
#include "daemon/listeners.h"
#include "db/program_options.h"
#include "db/schema_watch.h"
#include "directory/accountd_directory.h"
#include "directory/cached_directory.h"
#include "events/peers.h"
#include "events/publisher.h"
#include "import/mail_import_service.h"
#include "rpc/address.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "session.h"
#include "store/migrations.h"
#include "store_mailroom.h"
#include "upkeep.h"

using namespace posthouse;

namespace {

constexpr std::chrono::minutes kUpkeepTimeout{
    2};  // no client waits for it; its steps are short, but not where disks are slow

constexpr unsigned kImportConnections = 2;  // made when the first import comes: more imports share them

Task<> serve(std::unique_ptr<net::ByteStream> client, const lmtp_delivery::Session::Parts& parts,
             std::stop_token stop) {
  lmtp_delivery::Session session(std::move(client), parts, crypto::randomToken(9), std::move(stop));
  co_await session.run();
}

Task<> drain(daemon::Listeners& listeners, std::stop_source& stop, daemon::LastCall& lastCall, TaskGroup& background,
             lmtp_delivery::Batcher& batcher, lmtp_delivery::MailImportService& imports, events::Publisher& publisher) {
  listeners.stopAccepting();
  stop.request_stop();
  lastCall.begin();
  co_await listeners.drained();
  co_await lastCall.close();
  co_await batcher.drained();
  co_await background.drained();
  co_await imports.drained();
  co_await publisher.drained();
}

void run(daemon::Daemon& daemon) {
  config::Configuration& configuration = daemon.configuration();
  config::Section section = daemon.section();
  const auto config = lmtp_delivery::Config::from(section, daemon.hostname());
  const auto databaseSettings = daemon::DatabaseSettings::from(configuration, section);
  auto policy = daemon::ClientPolicy::from(configuration, section);
  policy.exemptNetworks.insert(policy.exemptNetworks.end(), config.trustedNetworks.begin(),
                               config.trustedNetworks.end());
  section.rejectUnread();
  const std::string accountd = rpc::addressOf(configuration, "accountd");
  const std::vector<std::string> peers = events::peers(configuration);
  daemon.configurationIsRead();

  db::Options options = db::programOptions(databaseSettings, "lmtp-delivery", daemon.log());
  db::Database database(daemon.loop(), options, daemon.registry());
  options.pool = "writers";
  options.poolSize = config.writers;
  db::Database writers(daemon.loop(), options, daemon.registry());
  options.pool = "import";
  options.poolSize = kImportConnections;
  db::Database importDatabase(daemon.loop(), options, daemon.registry());
  // A pool of its own, so that no delivery waits behind a piece of upkeep.
  options.applicationName = "lmtp-delivery upkeep";
  options.pool = "upkeep";
  options.poolSize = 1;
  options.statementTimeout = kUpkeepTimeout;
  db::Database upkeepDatabase(daemon.loop(), options, daemon.registry());
  db::SchemaWatch schema(daemon.loop(), database, store::schemaVersion(), daemon.registry());
  daemon.readiness().add("database", [&schema] { return schema.objection(); });
  events::Publisher publisher(daemon.loop(), peers, daemon.security(), daemon.registry());
  const auto accountdChannel =
      rpc::channel(accountd, daemon.security(), daemon.registry(), directory::AccountdDirectory::kServiceName);
  directory::AccountdDirectory accounts(daemon.loop(), accountdChannel);
  directory::CachedDirectory directory(accounts, {}, monotonicClock());
  lmtp_delivery::Metrics metrics(daemon.registry());
  lmtp_delivery::Batcher batcher(writers, database, {.writers = config.writers}, metrics, daemon.log());
  lmtp_delivery::StoreMailroom mailroom(batcher, database, publisher, metrics, daemon.log());

  MemoryBudget memory(config.messageMemory);
  daemon::LastCall lastCall(daemon.loop(), daemon::LastCall::before(daemon.drainWindow()));
  const lmtp_delivery::Session::Parts parts{config,       directory, mailroom,        metrics,
                                            daemon.log(), memory,    lastCall.token()};
  lmtp_delivery::ImportPermission permission(daemon.loop(), accountdChannel, directory);
  lmtp_delivery::ImportMetrics importMetrics(daemon.registry());
  lmtp_delivery::MailImportService imports(
      {daemon.loop(), config, importDatabase, publisher, permission, memory, importMetrics, daemon.log()},
      daemon.draining());
  daemon.grpc().add(imports, mail::admin::v1::MailImport::service_full_name());
  lmtp_delivery::Upkeep upkeep(daemon.loop(), upkeepDatabase, config, daemon.log(), daemon.registry());
  std::stop_source stop;
  TaskGroup background;
  background.spawn(schema.run(stop.get_token()));
  background.spawn(upkeep.run(stop.get_token()));
  daemon::Listeners listeners(daemon.loop(), daemon.tls(), policy, daemon.log(), daemon.registry());
  daemon.readiness().add("clients", [&listeners] { return listeners.objection(); });
  for (const daemon::ListenerConfig& listener : config.listeners) {
    listeners.open(
        listener, "421 4.3.2 Too many connections, try again later\r\n",
        [&](std::unique_ptr<net::ByteStream> client) { return serve(std::move(client), parts, stop.get_token()); });
  }
  daemon.serve([&] { return drain(listeners, stop, lastCall, background, batcher, imports, publisher); },
               [&] { return listeners.sessions(); });
}

}  // namespace

int main(int argc, char** argv) {
  return daemon::run("lmtp-delivery", argc, argv, run);
}
