#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/section.h"
#include "net/address.h"

namespace posthouse::relayd {

/// [relayd], without what main.cpp makes of other sections.
struct Config {
  std::string hostname;  // [common]; said in EHLO, and reports come from it
  net::Address lmtpAddress{"127.0.0.1", 2424, {}};
  std::uint16_t smtpPort = 25;  // of other servers
  std::vector<std::chrono::milliseconds> retrySchedule = {
      std::chrono::minutes(5),  std::chrono::minutes(10), std::chrono::minutes(20), std::chrono::minutes(40),
      std::chrono::minutes(80), std::chrono::hours(3),    std::chrono::hours(6)};
  /// Before that, where the other side is ours: it is away for moments, and nobody minds being asked.
  std::vector<std::chrono::milliseconds> localRetrySchedule = {std::chrono::seconds(1), std::chrono::seconds(5),
                                                               std::chrono::seconds(15), std::chrono::seconds(30),
                                                               std::chrono::minutes(1)};
  std::chrono::milliseconds expireAfter =
      std::chrono::days(5);                   // of reports that relayd sends; other mail says itself when it expires
  std::chrono::milliseconds delayWarning{0};  // after which a sender is told once; 0: never
  std::chrono::milliseconds pollInterval = std::chrono::milliseconds(500);
  std::chrono::seconds lease{60};  // of a claim, renewed while an attempt lasts
  /// Leases that ended while the queue was away for all are not taken over before their holders have had time to find
  /// it back and to note what they sent. A worker that begins cannot know whether it was away.
  std::chrono::milliseconds takeOverAfter = std::chrono::seconds(5);
  std::chrono::milliseconds attemptTimeout = std::chrono::minutes(30);  // with one host
  std::chrono::milliseconds drainPatience =
      std::chrono::seconds(20);                     // for attempts under way at a drain; then they are interrupted
  std::size_t maxAttempts = 100;                    // at a time
  std::uint64_t messageMemory = 256 * 1024 * 1024;  // octets of all messages that are being sent, each counted once
  std::size_t maxPerDestination = 10;               // of them to one domain; each relayd counts its own
  std::size_t maxLocal = 20;                        // of them to our own mailboxes
  std::size_t maxRecipients = 100;                  // of one mail in one attempt, RFC 5321 §4.5.3.1.8

  /// What a drain leaves time for follows from [common] drain_window.
  static Config from(config::Section& section, std::string hostname, std::chrono::milliseconds drainWindow);
};

}  // namespace posthouse::relayd
