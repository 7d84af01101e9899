#include <random>

#include "config.h"
#include "daemon/client_policy.h"
#include "daemon/daemon.h"
#include "daemon/database_settings.h"
#include "daemon/tls_metrics.h"
#include "db/program_options.h"
#include "db/schema_watch.h"
#include "directory/accountd_directory.h"
#include "directory/cached_directory.h"
#include "dispatcher.h"
#include "dns/measured_dns.h"
#include "dns/resolver.h"
#include "rpc/address.h"
#include "rpc/channel.h"
#include "store/migrations.h"
#include "store_queue.h"
#include "transports/lmtp.h"
#include "transports/smtp.h"

using namespace posthouse;

namespace {

dns::ResolverOptions resolverOptions(config::Section section) {
  dns::ResolverOptions options;
  for (const std::string& text : section.list("servers")) {
    if (const auto address = net::Address::parse(text)) {
      options.servers.push_back(*address);
    } else {
      section.fail("servers", "not an address with a port: " + text);
    }
  }
  options.trustAnchorFile = section.text("trust_anchor", "");
  section.rejectUnread();
  return options;
}

smtpclient::Pool::Options poolOptions(const relayd::Config& config, smtpclient::Protocol protocol,
                                      relayd::Metrics& metrics, daemon::TlsMetrics& tls) {
  const bool isSmtp = protocol == smtpclient::Protocol::smtp;
  prometheus::Gauge& connections = isSmtp ? metrics.smtpConnections : metrics.lmtpConnections;
  smtpclient::Pool::Options options;
  options.onOpenChanged = [&connections](std::size_t open) { connections.Set(static_cast<double>(open)); };
  options.settings.protocol = protocol;
  options.settings.heloName = config.hostname;
  options.settings.onPhase = metrics.phasesOf(isSmtp ? "smtp" : "lmtp");
  if (isSmtp) {
    options.settings.onTlsFailed = [&metrics] { metrics.countFailedTls(); };
    options.settings.tls = net::TlsContext::client(net::TlsContext::Verify::none, {}, tls.counting());
    options.idleFor = std::chrono::seconds(2);  // a stranger's connections are not to be held
    options.maxMailsPerConnection = 100;
  }
  return options;
}

Task<> drain(TaskGroup& work, smtpclient::Pool& local, smtpclient::Pool& remote) {
  co_await work.drained();
  co_await local.close();
  co_await remote.close();
}

void run(daemon::Daemon& daemon) {
  config::Configuration& configuration = daemon.configuration();
  config::Section section = daemon.section();
  const auto config = relayd::Config::from(section, daemon.hostname(), daemon.drainWindow());
  const auto databaseSettings = daemon::DatabaseSettings::from(configuration, section);
  section.rejectUnread();
  const std::string accountd = rpc::addressOf(configuration, "accountd");
  const dns::ResolverOptions dnsOptions = resolverOptions(configuration.section("dns"));
  daemon.configurationIsRead();

  net::Loop& loop = daemon.loop();
  db::Database database(loop, db::programOptions(databaseSettings, "relayd", daemon.log()), daemon.registry());
  db::SchemaWatch schema(loop, database, store::schemaVersion(), daemon.registry());
  daemon.readiness().add("database", [&schema] { return schema.objection(); });
  directory::AccountdDirectory accounts(
      loop, rpc::channel(accountd, daemon.security(), daemon.registry(), directory::AccountdDirectory::kServiceName));
  directory::CachedDirectory directory(accounts, {}, monotonicClock());
  dns::Resolver resolver(loop, dnsOptions);
  dns::MeasuredDns dns(resolver, daemon.registry());
  relayd::Metrics metrics(daemon.registry());
  daemon::TlsMetrics tls(daemon.registry(), "client");
  smtpclient::Pool localPool(loop, poolOptions(config, smtpclient::Protocol::lmtp, metrics, tls));
  smtpclient::Pool remotePool(loop, poolOptions(config, smtpclient::Protocol::smtp, metrics, tls));

  std::mt19937 random{std::random_device{}()};
  relayd::LmtpTransport local(localPool, config.lmtpAddress);
  relayd::SmtpTransport remote(remotePool, dns, random, {.hostname = config.hostname, .port = config.smtpPort});
  relayd::StoreQueue queue(database);
  relayd::Bodies bodies(loop, queue, config.messageMemory);
  relayd::BounceWriter bounces(config.hostname, config.expireAfter, systemClock());
  store::QueueIdMint ids(systemClock());
  const relayd::Workshop workshop{loop,   config,  queue, bodies,  directory,    local,
                                  remote, bounces, ids,   metrics, daemon.log(), systemClock()};
  relayd::Dispatcher dispatcher(workshop);

  TaskGroup work;
  work.spawn(schema.run(daemon.draining()));
  work.spawn(dispatcher.run(daemon.draining()));
  daemon.serve([&] { return drain(work, localPool, remotePool); });
}

}  // namespace

int main(int argc, char** argv) {
  return daemon::run("relayd", argc, argv, run);
}
