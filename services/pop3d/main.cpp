#include "blob_cache.h"
#include "config.h"
#include "daemon/daemon.h"
#include "db/program_options.h"
#include "db/schema_watch.h"
#include "events/publisher.h"
#include "leases.h"
#include "login/accountd_authenticator.h"
#include "login/attachment.h"
#include "metrics.h"
#include "observe/grace.h"
#include "postgres_mail_store.h"
#include "rpc/channel.h"
#include "server.h"
#include "store/migrations.h"

using namespace posthouse;

int main(int count, char** arguments) {
  return daemon::run("pop3d", count, arguments, [](daemon::Daemon& daemon) {
    config::Section section = daemon.section();
    pop3d::Config config = pop3d::Config::from(daemon.configuration(), section);
    config.session.hostname = daemon.hostname();
    daemon.configurationIsRead();

    net::Loop& loop = daemon.loop();
    prometheus::Registry& registry = daemon.registry();
    db::Database database(loop, db::programOptions(config.database, "pop3d", daemon.log()), registry);
    db::SchemaWatch schema(loop, database, store::schemaVersion(), registry);
    daemon.readiness().add("database", observe::afterGrace([&schema] { return schema.objection(); },
                                                           config.databaseGrace, monotonicClock()));
    TaskGroup background;
    background.spawn(schema.run(daemon.draining()));

    events::Publisher publisher(loop, config.eventPeers, daemon.security(), registry);
    pop3d::BlobCache cache(config.bodyCache, registry);
    pop3d::PostgresMailStore store(database, publisher, cache,
                                   {.lease = config.lockLease, .loginDelay = config.session.loginDelay});
    // A connection of their own: behind all that clients ask for, leases would run out.
    db::Options ofLeases = db::programOptions(config.database, "pop3d", daemon.log());
    ofLeases.pool = "leases";
    ofLeases.poolSize = 1;
    db::Database leaseDatabase(loop, std::move(ofLeases), registry);
    pop3d::PostgresMailStore leaseStore(leaseDatabase, publisher, cache,
                                        {.lease = config.lockLease, .loginDelay = config.session.loginDelay});
    pop3d::Leases leases(leaseStore, daemon.instance());
    std::stop_source lastLease;
    background.spawn(leases.run(loop, config.lockLease / 3, daemon.log(), lastLease.get_token()));
    const auto accountd =
        rpc::channel(config.accountd, daemon.security(), registry, login::AccountdAuthenticator::kServiceName);
    login::AccountdAuthenticator authenticator(loop, accountd, config.accountdDeadline, "pop3");
    login::OpenSessions openSessions("pop3", registry);
    login::Attachment attachment(loop, accountd, openSessions, "pop3d", daemon.instance(), registry, daemon.log());
    background.spawn(authenticator.watchMechanisms(daemon.draining()));
    pop3d::Metrics metrics(registry);
    pop3d::Server server(loop, config, daemon.tls(), authenticator, openSessions, store, leases, metrics, daemon.log(),
                         registry);
    daemon.readiness().add("clients", [&server] { return server.listeners().objection(); });

    daemon.serve([&] { return server.close(); }, [&] { return server.listeners().sessions(); });
    lastLease.request_stop();
    loop.runUntilDone(attachment.close());
    loop.runUntilDone(background.drained());
    loop.runUntilDone(publisher.drained());
  });
}
