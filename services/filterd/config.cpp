#include "config.h"

namespace posthouse::filterd {

Config Config::from(config::Section& section) {
  Config config;
  config.policy.spamScore = section.number("spam_score", config.policy.spamScore);
  config.policy.rejectScore = section.number("reject_score", config.policy.rejectScore);
  config.policy.deferWithoutScanner = section.choice("clamd_on_failure", {"accept", "defer"}, "defer") == "defer";
  config.maxMessageSize = section.bytes("max_message_size", config.maxMessageSize);
  config.maxHeld = section.bytes("max_held", config.maxHeld);
  if (const auto clamd = section.optionalText("clamd")) {
    config.clamd = net::Address::parse(*clamd);
    if (!config.clamd) section.fail("clamd", "not an address: unix:/path or host:port");
  }
  config.clamdTimeout = section.duration("clamd_timeout", config.clamdTimeout);
  config.clamdStreamLimit = section.bytes("clamd_stream_limit", config.clamdStreamLimit);
  // Read by smtpd: how long it waits for a verdict, and what becomes of a message without one.
  section.choice("on_failure", {"accept", "defer"}, "defer");
  section.duration("deadline", std::chrono::seconds{20});
  section.rejectUnread();
  return config;
}

}  // namespace posthouse::filterd
