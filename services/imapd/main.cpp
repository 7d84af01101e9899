#include <chrono>

#include "config.h"
#include "daemon/daemon.h"
#include "daemon/last_call.h"
#include "db/program_options.h"
#include "db/schema_watch.h"
#include "events/publisher.h"
#include "events/subscriber.h"
#include "login/accountd_authenticator.h"
#include "login/attachment.h"
#include "metrics.h"
#include "observe/grace.h"
#include "poll.h"
#include "rpc/channel.h"
#include "rpc/server.h"
#include "server.h"
#include "store/migrations.h"
#include "view_cache.h"
#include "watchers.h"

using namespace posthouse;

int main(int count, char** arguments) {
  return daemon::run("imapd", count, arguments, [](daemon::Daemon& daemon) {
    const auto config = imapd::Config::from(daemon.configuration(), daemon.section(), daemon.hostname());
    daemon.configurationIsRead();

    net::Loop& loop = daemon.loop();
    prometheus::Registry& registry = daemon.registry();
    db::Options options = db::programOptions(config.database, "imapd", daemon.log());
    db::Database database(loop, options, registry);
    options.pool = "reading";
    db::Database reading(loop, options, registry);
    db::SchemaWatch schema(loop, database, store::schemaVersion(), registry);
    daemon.readiness().add("database", observe::afterGrace([&schema] { return schema.objection(); },
                                                           config.databaseGrace, monotonicClock()));

    imapd::Watchers watchers;
    events::Publisher publisher(loop, config.eventPeers, daemon.security(), registry);
    events::Subscriber subscriber(
        loop,
        [&](const events::MailboxChange& change) {
          const store::MailboxId mailbox{change.mailbox};
          watchers.changed(store::AccountId{change.account},
                           change.mailbox == 0 ? std::nullopt : std::optional(mailbox), store::ModSeq{change.modseq});
        },
        registry);
    daemon.grpc().add(subscriber.service(), events::Subscriber::kServiceName);

    const auto accountd =
        rpc::channel(config.accountd, daemon.security(), registry, login::AccountdAuthenticator::kServiceName);
    login::AccountdAuthenticator authenticator(loop, accountd, config.authenticateTimeout, "imap");
    login::OpenSessions openSessions("imap", registry);
    login::Attachment attachment(loop, accountd, openSessions, "imapd", daemon.instance(), registry, daemon.log());
    imapd::ViewCache views(database, config.viewCache);
    imapd::Metrics metrics(registry);
    daemon::LastCall lastCall(loop, daemon::LastCall::before(daemon.drainWindow()));
    imapd::Services services{
        .loop = loop,
        .config = config,
        .authenticator = authenticator,
        .openSessions = openSessions,
        .database = database,
        .reading = reading,
        .views = views,
        .watchers = watchers,
        .metrics = metrics,
        .log = daemon.log(),
        .committed =
            [&](store::AccountId account, std::optional<store::MailboxId> mailbox, store::ModSeq modSeq) {
              watchers.changed(account, mailbox, modSeq);
              publisher.publish({.account = static_cast<std::int64_t>(account),
                                 .mailbox = mailbox ? static_cast<std::int32_t>(*mailbox) : 0,
                                 .modseq = static_cast<std::int64_t>(modSeq)});
            },
        .lastCall = lastCall.token()};
    imapd::Server server(services, daemon.tls(), lastCall, registry);
    daemon.readiness().add("clients", [&server] { return server.listeners().objection(); });

    TaskGroup background;
    background.spawn(schema.run(daemon.draining()));
    background.spawn(authenticator.watchMechanisms(daemon.draining()));
    background.spawn(
        imapd::pollChanges(loop, database, watchers, config.pollInterval, daemon.log(), daemon.draining()));
    daemon.serve([&] { return server.close(); }, [&] { return server.listeners().sessions(); });
    loop.runUntilDone(attachment.close());
    loop.runUntilDone(background.drained());
    loop.runUntilDone(publisher.drained());
  });
}
