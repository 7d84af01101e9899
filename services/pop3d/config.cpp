#include "config.h"

#include "daemon/last_call.h"

#include "crypto/hash.h"
#include "events/peers.h"
#include "rpc/address.h"
#include "store/mailbox_name.h"

namespace posthouse::pop3d {

using namespace std::chrono_literals;

namespace {

std::string spoken() {
  std::string tags;
  for (const pop3::Language* language : pop3::languages()) tags.append(tags.empty() ? "" : ", ").append(language->tag);
  return tags;
}

SessionConfig sessionConfig(config::Configuration& configuration, config::Section& section) {
  SessionConfig session;
  const std::string language = section.text("language", "en");
  session.language = pop3::languageFor(language);
  if (session.language == nullptr) section.fail("language", "is none that is spoken here: " + spoken());
  session.idleTimeout = section.duration("idle_timeout", session.idleTimeout);
  session.maxCommandLength = static_cast<std::size_t>(
      section.integer("max_command_length", static_cast<std::int64_t>(session.maxCommandLength), 255, 65536));
  session.maxErrors = static_cast<unsigned>(section.integer("max_errors", session.maxErrors, 1, 1'000'000));
  session.maxLoginFailures =
      static_cast<unsigned>(section.integer("max_login_failures", session.maxLoginFailures, 1, 1'000'000));
  session.loginFailureDelay = section.duration("login_failure_delay", session.loginFailureDelay);
  session.kpopTimeout = section.duration("kpop_timeout", session.kpopTimeout);
  session.loginDelay = section.duration("login_delay", session.loginDelay);
  if (!section.isInteger("expire")) {
    section.choice("expire", {"never"}, "never");
  } else {
    session.expire = std::chrono::days(section.integer("expire", 0, 0, 36'500));
  }
  session.clients = daemon::ClientPolicy::from(configuration, section);
  return session;
}

std::string mailbox(config::Section& section, std::string_view otherwise) {
  std::string name = section.text("mailbox", otherwise);
  const auto levels = store::mailboxLevels(name);
  if (!levels) section.fail("mailbox", "that cannot be a mailbox's name");
  return levels ? store::mailboxName(*levels) : name;
}

ListenerConfig listenerConfig(config::Section& section, std::string_view mailboxOfAll) {
  ListenerConfig listener{.socket = daemon::ListenerConfig::from(section), .mailbox = mailbox(section, mailboxOfAll)};
  listener.apop = section.flag("apop", listener.apop);
  if (listener.apop && !crypto::isAvailable(crypto::Hash::md5))
    section.fail("apop", "OpenSSL has no MD5 here (it may be bound to FIPS 140): leave apop out");
  listener.kpop = section.flag("kpop", listener.kpop);
  if (listener.kpop && listener.apop)
    section.fail("kpop", "takes tickets and nothing else: give APOP a listener of its own");
  return listener;
}

}  // namespace

Config Config::from(config::Configuration& configuration, config::Section& section) {
  Config config;
  config.session = sessionConfig(configuration, section);
  const std::string mailboxOfAll = mailbox(section, "INBOX");
  for (config::Section& listener : section.tables("listener")) {
    config.listeners.push_back(listenerConfig(listener, mailboxOfAll));
    listener.rejectUnread();
  }
  if (config.listeners.empty()) section.fail("listener", "there is none: nobody could connect");
  config.database = daemon::DatabaseSettings::from(configuration, section);
  config.databaseGrace = section.duration("database_grace", config.databaseGrace);
  config.lockLease = section.duration("lock_lease", config.lockLease);
  if (config.lockLease < 1s) section.fail("lock_lease", "must be a second at least");
  config.accountdDeadline = section.duration("accountd_deadline", config.accountdDeadline);
  config.readAheadMemory = section.bytes("read_ahead_memory", config.readAheadMemory);
  config.bodyCache = section.bytes("body_cache", config.bodyCache);
  section.rejectUnread();

  config.accountd = rpc::addressOf(configuration, "accountd");
  config.eventPeers = events::peers(configuration);
  const auto window = configuration.section("common").duration("drain_window", 30s);
  config.drainPatience = daemon::LastCall::before(window);
  return config;
}

}  // namespace posthouse::pop3d
