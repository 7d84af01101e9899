#include "accounts_service.h"
#include "administration/account_admin_service.h"
#include "administration/administration.h"
#include "administration/audit_upkeep.h"
#include "administration/certificate_admin_service.h"
#include "administration/certificates.h"
#include "administration/journal.h"
#include "administration/kerberos_principals_service.h"
#include "administration/mail_import_permission.h"
#include "administration/second_factors_service.h"
#include "administration/shared_secret_office.h"
#include "administration/shared_secrets_service.h"
#include "async/task_group.h"
#include "config.h"
#include "daemon/daemon.h"
#include "daemon/database_settings.h"
#include "db/program_options.h"
#include "db/schema_watch.h"
#include "defence/defence_admin_service.h"
#include "defence/guard.h"
#include "defence/sharing.h"
#include "kerberos/kerberos.h"
#include "ldap/directories.h"
#include "ldap/directories_service.h"
#include "logins/authenticator.h"
#include "logins/password_workers.h"
#include "logins/shared_secrets.h"
#include "logins/store_certificate_holders.h"
#include "logins/store_credentials.h"
#include "logins/store_second_factors.h"
#include "logins/verified_passwords.h"
#include "mechanisms/offer.h"
#include "metrics.h"
#include "rpc/server.h"
#include "sessions/ending_watch.h"
#include "sessions/session_admin_service.h"
#include "sessions/session_office.h"
#include "sessions/sessions_service.h"
#include "site/site_service.h"
#include "store/migrations.h"
#include "tokens/token_verifier.h"

namespace posthouse::accountd {
namespace {

constexpr std::chrono::minutes kAdministrationTimeout{5};  // removing an account removes all its messages at once

void run(daemon::Daemon& daemon) {
  config::Section section = daemon.section();
  const Config config = Config::from(section, daemon.hostname());
  const auto settings = daemon::DatabaseSettings::from(daemon.configuration(), section);
  const DefenceRules rules = DefenceRules::from(daemon.configuration(), section);
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
  // And another, so that no session outlives its ending because many log in.
  options = db::programOptions(settings, "accountd", daemon.log());
  options.pool = "sessions";
  options.poolSize = 2;
  db::Database sessionDatabase(daemon.loop(), options, daemon.registry());
  db::SchemaWatch schema(daemon.loop(), database, store::schemaVersion(), daemon.registry());
  daemon.readiness().add("database", [&schema] { return schema.objection(); });

  PasswordWorkers workers(daemon.loop(), config.passwordThreads, config.passwordQueue, metrics.passwordQueue);
  VerifiedPasswords verified(config.passwordMemorySize, config.passwordMemory);
  StoreCredentials credentials(database);
  StoreCertificateHolders holders(database);
  AppPasswordUses uses;
  StoreSecondFactors factors(database, uses, config.sealingKeys, daemon.log());
  ldap::Directories directories(daemon.loop(), database, config.directories, daemon.registry(), daemon.log());
  Authenticator authenticator(credentials, workers, verified, factors, config.passwords, &directories);
  SharedSecrets sharedSecrets(database, credentials, config.sealingKeys, daemon.log());
  std::optional<Kerberos> kerberos;
  if (config.kerberos.isSet()) kerberos.emplace(daemon.loop(), database, config.kerberos, metrics.ticketQueue);
  std::optional<TokenVerifier> tokens;
  if (!config.issuers.empty()) tokens.emplace(daemon.loop(), config.issuers, daemon.registry(), daemon.log());
  MechanismParts parts{.authenticator = authenticator,
                       .credentials = credentials,
                       .factors = factors,
                       .sharedSecrets = sharedSecrets,
                       .holders = holders,
                       .scramIterations = config.passwords.scramIterations,
                       .tokens = tokens ? &*tokens : nullptr,
                       .anonymousAccount = config.anonymousAccount,
                       .hostname = daemon.hostname(),
                       .log = daemon.log()};
  if (kerberos) parts.kerberos.emplace(kerberos->parts());
  Mechanisms mechanisms = offer(config.mechanisms, parts);
  const bool offersTooMuch = std::ranges::any_of(config.mechanisms, needsStoredKeys);
  if (offersTooMuch && !config.directories.empty())
    daemon.log().warn("ldap.scram",
                      "accountd.mechanisms offers SCRAM, by which users of external directories cannot log in; clients "
                      "that choose it fail for them. Set it to PLAIN and LOGIN unless all of them know to");
  DefenceMetrics defenceMetrics(daemon.registry());
  StorePlaces places(database, rules);
  Defence defence(rules, places, defenceMetrics, daemon.log());
  Guard guard(daemon.loop(), defence, credentials, defenceMetrics, daemon.draining());
  Sharing sharing(daemon.loop(), database, defence, defenceMetrics, daemon.log());
  EndingWatch endings(daemon.loop(), sessionDatabase, daemon.registry(), daemon.log());
  SessionsService sessions(daemon.loop(), sessionDatabase, endings, daemon.registry(), daemon.log(), daemon.draining());
  AccountsService accounts(daemon.loop(), directories, authenticator, sharedSecrets, mechanisms, guard,
                           endings.endings(), config.postmaster, metrics, daemon.log(),
                           kerberos ? &kerberos->ticketParts() : nullptr);

  Journal journal(metrics, daemon.log(), [&endings] { endings.hurry(); });
  Administration administration(administrationDatabase, workers, config.passwords);
  AccountAdminService admin(daemon.loop(), administration, config.importHashes(), journal);
  SharedSecretOffice sharedSecretOffice(administrationDatabase, config.sealingKeys);
  SharedSecretsService sharedSecretAdmin(daemon.loop(), sharedSecretOffice, journal);
  DefenceOffice defenceOffice(administrationDatabase, defence, credentials, authenticator, mechanisms);
  DefenceAdminService defenceAdmin(daemon.loop(), defenceOffice, journal);
  SessionOffice sessionOffice(administrationDatabase);
  SessionAdminService sessionAdmin(daemon.loop(), sessionOffice, endings, journal);
  ldap::DirectoriesService directoriesAdmin(daemon.loop(), {administrationDatabase, directories}, journal);

  SiteService site(daemon.loop(), administration, journal);
  KerberosPrincipalsService principals(daemon.loop(), KerberosPrincipalOffice(administrationDatabase), journal);
  AppPasswordOffice appPasswords(administrationDatabase, workers, credentials, config.appPasswordIterations());
  AppPasswordsService appPasswordsService(daemon.loop(), appPasswords, journal);
  TotpOffice totp(administrationDatabase, config.sealingKeys);
  TotpService totpService(daemon.loop(), totp, journal);

  Certificates certificates(administrationDatabase);
  CertificateAdminService certificateAdmin(daemon.loop(), certificates, journal);

  MailImportPermission mailImports(daemon.loop(), administrationDatabase, journal);

  daemon.grpc().add(accounts, mail::v1::Accounts::service_full_name());
  daemon.grpc().add(admin, mail::admin::v1::AccountAdmin::service_full_name());
  daemon.grpc().add(site, mail::admin::v1::SiteAdmin::service_full_name());
  daemon.grpc().add(certificateAdmin, mail::admin::v1::CertificateAdmin::service_full_name());
  daemon.grpc().add(principals, mail::admin::v1::KerberosPrincipals::service_full_name());
  daemon.grpc().add(sharedSecretAdmin, mail::admin::v1::SharedSecrets::service_full_name());
  daemon.grpc().add(appPasswordsService, mail::admin::v1::AppPasswords::service_full_name());
  daemon.grpc().add(totpService, mail::admin::v1::Totp::service_full_name());
  daemon.grpc().add(defenceAdmin, mail::admin::v1::Defence::service_full_name());
  daemon.grpc().add(directoriesAdmin, mail::admin::v1::Directories::service_full_name());
  daemon.grpc().add(mailImports, mail::admin::v1::MailImportPermission::service_full_name());
  daemon.grpc().add(sessions, mail::v1::Sessions::service_full_name());
  daemon.grpc().add(sessionAdmin, mail::admin::v1::Sessions::service_full_name());
  TaskGroup background;
  background.spawn(schema.run(daemon.draining()));
  if (tokens) background.spawn(tokens->keep(daemon.draining()));
  background.spawn(uses.run(daemon.loop(), database, daemon.log(), daemon.draining()));
  background.spawn(sharing.run(daemon.draining()));
  background.spawn(endings.run(daemon.draining()));
  background.spawn(sessions.keepTidy(daemon.draining()));
  background.spawn(
      keepAuditShort(daemon.loop(), administrationDatabase, config.auditAge, daemon.log(), daemon.draining()));
  daemon.serve([&background] { return background.drained(); });
}

}  // namespace
}  // namespace posthouse::accountd

int main(int count, char** arguments) {
  return posthouse::daemon::run("accountd", count, arguments, posthouse::accountd::run);
}
