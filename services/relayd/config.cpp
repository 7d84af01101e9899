#include "config.h"

#include "daemon/client_policy.h"

namespace posthouse::relayd {

Config Config::from(config::Section& section, std::string hostname, std::chrono::milliseconds drainWindow) {
  const auto count = [&section](std::string_view key, std::size_t otherwise) {
    return static_cast<std::size_t>(section.integer(key, static_cast<std::int64_t>(otherwise), 1, 100'000));
  };
  Config config;
  config.hostname = std::move(hostname);
  config.lmtpAddress = daemon::address(section, "lmtp_address", config.lmtpAddress.text());
  config.smtpPort = static_cast<std::uint16_t>(section.integer("smtp_port", config.smtpPort, 1, 65535));
  config.retrySchedule = section.durations("retry_schedule", config.retrySchedule);
  if (config.retrySchedule.empty()) section.fail("retry_schedule", "at least one pause is needed");
  config.localRetrySchedule = section.durations("local_retry_schedule", config.localRetrySchedule);
  config.expireAfter = section.duration("expire_after", config.expireAfter);
  config.delayWarning = section.duration("delay_warning", config.delayWarning);
  config.pollInterval = section.duration("poll_interval", config.pollInterval);
  config.lease = std::chrono::ceil<std::chrono::seconds>(section.duration("lease", config.lease));
  if (config.lease < std::chrono::seconds(10)) section.fail("lease", "at least 10s");
  config.attemptTimeout = section.duration("attempt_timeout", config.attemptTimeout);
  config.drainPatience = drainWindow * 2 / 3;  // the rest is for giving back what was interrupted
  config.maxAttempts = count("max_attempts", config.maxAttempts);
  config.messageMemory = section.bytes("message_memory", config.messageMemory);
  config.maxPerDestination = count("max_per_destination", config.maxPerDestination);
  config.maxLocal = count("max_local", config.maxLocal);
  config.maxRecipients = count("max_recipients", config.maxRecipients);
  return config;
}

}  // namespace posthouse::relayd
