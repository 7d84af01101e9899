// smtpd: receives mail from other servers and from our users.
#include "acceptance.h"
#include "config.h"
#include "daemon/daemon.h"
#include "db/program_options.h"
#include "db/schema_watch.h"
#include "directory/accountd_directory.h"
#include "directory/cached_directory.h"
#include "filterd_client.h"
#include "lmtp_delivery.h"
#include "login/accountd_authenticator.h"
#include "login/attachment.h"
#include "metrics.h"
#include "retry_keys.h"
#include "rpc/channel.h"
#include "server.h"
#include "store/migrations.h"
#include "stored_queue.h"

namespace {

using namespace posthouse;

constexpr std::chrono::seconds kLoginDeadline{10};  // a password hash takes its time, and so does a queue of them

/// The drain: sessions first, then what they used.
Task<> close(smtpd::Server& server, smtpd::RetryKeys& retryKeys, smtpd::LmtpDelivery& delivery,
             login::Attachment& attachment, TaskGroup& background) {
  co_await server.close();
  co_await attachment.close();
  co_await background.drained();
  co_await retryKeys.close();
  co_await delivery.close();
}

void serve(daemon::Daemon& daemon) {
  config::Section section = daemon.section();
  const smtpd::Config config = smtpd::Config::from(daemon.configuration(), section, daemon.hostname());
  daemon.configurationIsRead();
  net::Loop& loop = daemon.loop();

  const auto accountdChannel = rpc::channel(config.accountdAddress, daemon.security(), daemon.registry(),
                                            directory::AccountdDirectory::kServiceName);
  directory::AccountdDirectory accountd(loop, accountdChannel);
  directory::CachedDirectory directory(accountd, {}, monotonicClock());
  login::AccountdAuthenticator authenticator(loop, accountdChannel, kLoginDeadline, "submission");
  login::OpenSessions openSessions("submission", daemon.registry());
  login::Attachment attachment(loop, accountdChannel, openSessions, "smtpd", daemon.instance(), daemon.registry(),
                               daemon.log());
  smtpd::FilterdClient filter(
      loop,
      rpc::channel(config.filterdAddress, daemon.security(), daemon.registry(), smtpd::FilterdClient::kServiceName),
      config.filterDeadline, daemon.log());
  smtpd::LmtpDelivery delivery(loop, config.lmtpAddress, config.deliveryBudget, config.hostname);

  db::Database database(loop, db::programOptions(config.database, "smtpd", daemon.log()), daemon.registry());
  // For its metric alone: while the database is away, 451 says more than a refused connection.
  db::SchemaWatch schema(loop, database, store::schemaVersion(), daemon.registry());
  TaskGroup background;
  background.spawn(schema.run(daemon.draining()));
  background.spawn(authenticator.watchMechanisms(daemon.draining()));
  smtpd::StoredQueue queue(database, config.queueLifetime, systemClock(), daemon.log());
  smtpd::StoredRetryKeys storedKeys(database, daemon.log());
  smtpd::RetryKeys retryKeys(loop, storedKeys, directory, accountd);

  smtpd::Metrics metrics(daemon.registry());
  smtpd::Acceptance acceptance(config, filter, delivery, queue, retryKeys, metrics, systemClock());
  store::QueueIdMint queueIds(systemClock());
  MemoryBudget memory(config.messageMemory);
  const smtpd::Environment environment{
      .config = config,
      .directory = directory,
      .authenticator = authenticator,
      .openSessions = openSessions,
      .acceptance = acceptance,
      .mintQueueId = [&] { return queueIds.next(); },
      .metrics = metrics,
      .memory = memory,
      .offersTls = daemon.tls().isConfigured(),
      .tls = [&](const daemon::ListenerConfig& listener) -> const net::TlsContext& {
        return daemon.tls().context(listener.clientCertificates);
      },
  };
  daemon::Listeners listeners(loop, daemon.tls(), config.clientPolicy, daemon.log(), daemon.registry());
  daemon.readiness().add("clients", [&listeners] { return listeners.objection(); });
  smtpd::Server server(loop, listeners, environment, daemon.log(), daemon.drainWindow());
  daemon.serve([&] { return close(server, retryKeys, delivery, attachment, background); },
               [&] { return listeners.sessions(); });
}

}  // namespace

int main(int count, char** arguments) {
  return daemon::run("smtpd", count, arguments, serve);
}
