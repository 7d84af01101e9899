#include "config.h"

#include <limits>

#include "events/peers.h"
#include "rpc/address.h"

namespace posthouse::imapd {

Config Config::from(config::Configuration& configuration, config::Section section, std::string hostname) {
  constexpr std::int64_t kMany = 1'000'000;
  Config config;
  config.hostname = std::move(hostname);
  for (config::Section& listener : section.tables("listener")) {
    config.listeners.push_back(daemon::ListenerConfig::from(listener));
    listener.rejectUnread();
  }
  config.database = daemon::DatabaseSettings::from(configuration, section);
  config.clients = daemon::ClientPolicy::from(configuration, section);
  config.accountd = rpc::addressOf(configuration, "accountd");
  config.eventPeers = events::peers(configuration);

  config.loginTimeout = section.duration("login_timeout", config.loginTimeout);
  config.idleTimeout = section.duration("idle_timeout", config.idleTimeout);
  config.transferTimeout = section.duration("transfer_timeout", config.transferTimeout);
  config.authenticateTimeout = section.duration("authenticate_timeout", config.authenticateTimeout);
  config.failureDelay = section.duration("failure_delay", config.failureDelay);
  config.pollInterval = section.duration("poll_interval", config.pollInterval);
  config.databaseGrace = section.duration("database_grace", config.databaseGrace);
  config.maxCommand = section.bytes("max_command_size", config.maxCommand);
  config.maxMessageSize = section.bytes("max_message_size", config.maxMessageSize);
  config.maxHeaderSize = section.bytes("max_header_size", config.maxHeaderSize);
  config.appendMemory = section.bytes("append_memory", config.appendMemory);
  config.readMemory = section.bytes("read_memory", config.readMemory);
  config.viewCache = section.bytes("view_cache", config.viewCache);
  const auto count = [&](std::string_view key, std::size_t otherwise) {
    return static_cast<std::size_t>(section.integer(key, static_cast<std::int64_t>(otherwise), 1, kMany));
  };
  config.maxBadCommands = static_cast<unsigned>(count("max_bad_commands", config.maxBadCommands));
  config.maxLoginFailures = static_cast<unsigned>(count("max_login_failures", config.maxLoginFailures));
  config.drainSpread = configuration.section("common").duration("drain_window", std::chrono::seconds(30)) * 4 / 5;
  if (config.maxMessageSize >= std::numeric_limits<std::uint32_t>::max())
    section.fail("max_message_size", "must be below 4 GiB");
  section.rejectUnread();
  return config;
}

}  // namespace posthouse::imapd
