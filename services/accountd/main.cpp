#include "accounts_service.h"
#include "administration/account_admin_service.h"
#include "administration/administration.h"
#include "administration/audit_upkeep.h"
#include "administration/journal.h"
#include "async/task_group.h"
#include "config.h"
#include "daemon/daemon.h"
#include "daemon/database_settings.h"
#include "db/program_options.h"
#include "db/schema_watch.h"
#include "logins/authenticator.h"
#include "logins/password_workers.h"
#include "logins/store_credentials.h"
#include "logins/verified_passwords.h"
#include "mechanisms/offer.h"
#include "metrics.h"
#include "rpc/server.h"
#include "site/site_service.h"
#include "store/migrations.h"

namespace posthouse::accountd {
namespace {

constexpr std::chrono::minutes kAdministrationTimeout{5};  // removing an account removes all its messages at once

void run(daemon::Daemon& daemon) {
  config::Section section = daemon.section();
  const Config config = Config::from(section, daemon.hostname());
  const auto settings = daemon::DatabaseSettings::from(daemon.configuration(), section);
  section.rejectUnread();
  daemon.configurationIsRead();

  Metrics metrics(daemon.registry());
  db::Options options = db::programOptions(settings, "accountd", daemon.log());
  db::Database database(daemon.loop(), options, daemon.registry());
  // A pool of its own, so that no login waits behind an import or the removal of a large account.
  options.pool = "administration";
  options.poolSize = 2;
  options.statementTimeout = kAdministrationTimeout;
  options.queuePatience = kAdministrationTimeout;
  db::Database administrationDatabase(daemon.loop(), options, daemon.registry());
  db::SchemaWatch schema(daemon.loop(), database, store::schemaVersion(), daemon.registry());
  daemon.readiness().add("database", [&schema] { return schema.objection(); });

  PasswordWorkers workers(daemon.loop(), config.passwordThreads, config.passwordQueue, metrics.passwordQueue);
  VerifiedPasswords verified(config.passwordMemorySize, config.passwordMemory);
  StoreCredentials credentials(database);
  Authenticator authenticator(credentials, workers, verified, config.passwords);
  Mechanisms mechanisms = offer(config.mechanisms, {authenticator, credentials, config.passwords.scramIterations});
  AccountsService accounts(daemon.loop(), database, authenticator, mechanisms, config.postmaster, metrics,
                           daemon.log());

  Journal journal(metrics, daemon.log());
  Administration administration(administrationDatabase, workers, config.passwords);
  AccountAdminService admin(daemon.loop(), administration, config.importHashes(), journal);

  SiteService site(daemon.loop(), administration, journal);

  daemon.grpc().add(accounts, mail::v1::Accounts::service_full_name());
  daemon.grpc().add(admin, mail::admin::v1::AccountAdmin::service_full_name());
  daemon.grpc().add(site, mail::admin::v1::SiteAdmin::service_full_name());
  TaskGroup background;
  background.spawn(schema.run(daemon.draining()));
  background.spawn(
      keepAuditShort(daemon.loop(), administrationDatabase, config.auditAge, daemon.log(), daemon.draining()));
  daemon.serve([&background] { return background.drained(); });
}

}  // namespace
}  // namespace posthouse::accountd

int main(int count, char** arguments) {
  return posthouse::daemon::run("accountd", count, arguments, posthouse::accountd::run);
}
