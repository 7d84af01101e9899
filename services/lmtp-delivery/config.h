#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/section.h"
#include "daemon/listeners.h"
#include "net/address.h"

namespace posthouse::lmtp_delivery {

/// [lmtp-delivery], without what main.cpp makes of other sections.
struct Config {
  std::string hostname;                             // [common]; as in the greeting
  std::vector<daemon::ListenerConfig> listeners;    // [[lmtp-delivery.listener]]
  std::uint64_t maxMessageSize = 64 * 1024 * 1024;  // octets: what smtpd takes and what filters add
  std::uint64_t maxHeaderSize = 2 * 1024 * 1024;    // octets of it before the empty line, likewise
  std::uint64_t messageMemory = 512 * 1024 * 1024;  // octets of all messages that are being received or stored
  std::size_t maxRecipients = 1000;                 // in one transaction
  std::size_t maxErrors = 100;                      // 5xx replies to commands before the session is ended
  std::chrono::milliseconds commandTimeout = std::chrono::minutes(5);
  std::chrono::milliseconds dataTimeout = std::chrono::minutes(3);   // between two pieces of a message
  std::chrono::milliseconds maxDataTime = std::chrono::minutes(30);  // for all of a message
  unsigned writers = 2;                                              // transactions at a time that store messages
  std::vector<net::Network> trustedNetworks;  // besides loopback: whose delivery ids are believed
  std::chrono::hours queueKeyAge{24 * 30};    // how long a delivery key is remembered
  std::chrono::hours retryKeyAge{24 * 5};

  // What nobody needs any more is removed.
  std::chrono::milliseconds upkeepInterval = std::chrono::minutes(1);    // between rounds
  std::chrono::milliseconds bodyGrace = std::chrono::hours(24);          // of bodies that nobody holds any more
  std::chrono::milliseconds sweepInterval = std::chrono::hours(24);      // between searches of all bodies for orphans
  std::chrono::milliseconds changeLogAge = std::chrono::hours(24 * 30);  // clients away for longer read all anew

  static Config from(config::Section& section, std::string hostname);

  bool isTrusted(const net::Address& peer) const;
};

}  // namespace posthouse::lmtp_delivery
