#include "config.h"

#include <algorithm>

#include "daemon/client_policy.h"

namespace posthouse::lmtp_delivery {
namespace {

std::chrono::hours hours(std::chrono::milliseconds duration) {
  return std::chrono::ceil<std::chrono::hours>(duration);
}

daemon::ListenerConfig listener(config::Section& table) {
  daemon::ListenerConfig listener = daemon::ListenerConfig::from(table, daemon::ListenerConfig::For::programs);
  table.rejectUnread();
  return listener;
}

}  // namespace

Config Config::from(config::Section& section, std::string hostname) {
  Config config;
  config.hostname = std::move(hostname);
  for (config::Section& table : section.tables("listener")) config.listeners.push_back(listener(table));
  config.maxMessageSize = section.bytes("max_message_size", config.maxMessageSize);
  config.maxHeaderSize = section.bytes("max_header_size", config.maxHeaderSize);
  config.messageMemory = section.bytes("message_memory", config.messageMemory);
  config.maxRecipients = static_cast<std::size_t>(section.integer("max_recipients", 1000, 1, 100'000));
  config.maxErrors = static_cast<std::size_t>(section.integer("max_errors", 100, 1, 1'000'000));
  config.commandTimeout = section.duration("command_timeout", config.commandTimeout);
  config.dataTimeout = section.duration("data_timeout", config.dataTimeout);
  config.maxDataTime = section.duration("max_data_time", config.maxDataTime);
  config.queueKeyAge = hours(section.duration("queue_key_age", config.queueKeyAge));
  config.retryKeyAge = hours(section.duration("retry_key_age", config.retryKeyAge));
  config.upkeepInterval = section.duration("upkeep_interval", config.upkeepInterval);
  config.bodyGrace = section.duration("body_grace", config.bodyGrace);
  if (config.bodyGrace < std::chrono::hours(1))
    section.fail("body_grace", "is too short for who reads such a body just now; write at least \"1h\"");
  config.sweepInterval = section.duration("sweep_interval", config.sweepInterval);
  config.changeLogAge = section.duration("change_log_age", config.changeLogAge);
  config.writers = static_cast<unsigned>(section.integer("writers", config.writers, 1, 64));
  config.trustedNetworks = daemon::networks(section, "trusted_networks");
  return config;
}

bool Config::isTrusted(const net::Address& peer) const {
  return peer.isLoopback() ||
         std::ranges::any_of(trustedNetworks, [&](const net::Network& network) { return network.contains(peer); });
}

}  // namespace posthouse::lmtp_delivery
