#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "config/configuration.h"
#include "daemon/client_policy.h"
#include "daemon/database_settings.h"
#include "daemon/listeners.h"
#include "net/address.h"

namespace posthouse::smtpd {

/// What kind of client a port is for.
enum class Service {
  mx,          // other servers, with mail for our domains
  submission,  // our users, who log in first (RFC 6409)
};

struct ListenerConfig {
  daemon::ListenerConfig socket;
  Service service = Service::mx;
};

struct Config {
  std::string hostname;                   // as in the greeting and in Received
  std::string postmaster;                 // who gets mail to <Postmaster> without a domain
  std::vector<ListenerConfig> listeners;  // never changes once sessions refer to it

  std::uint64_t maxMessageSize = 25 * 1024 * 1024;                     // octets, announced as SIZE (RFC 1870)
  std::uint64_t maxHeaderSize = 1024 * 1024;                           // octets of it before the empty line
  std::size_t maxRecipients = 1000;                                    // of one mail
  std::size_t maxErrors = 50;                                          // 5yz replies to commands, then the session ends
  std::chrono::milliseconds commandTimeout = std::chrono::minutes(5);  // RFC 5321 §4.5.3.2.7
  std::chrono::milliseconds dataTimeout = std::chrono::minutes(5);     // between two pieces of a message
  std::chrono::milliseconds maxDataTime = std::chrono::minutes(30);    // for all of a message
  std::chrono::milliseconds deliveryBudget = std::chrono::seconds(10);  // for lmtp-delivery; then the queue takes over
  std::chrono::milliseconds queueLifetime = std::chrono::days(5);       // until an undelivered mail is given up

  std::uint64_t messageMemory = 256 * 1024 * 1024;  // octets of all messages that are being received or taken

  bool checkFrom = true;                    // who logged in names no other's address in From and Sender
  std::vector<net::Network> relayNetworks;  // whose mail to anybody is taken
  daemon::ClientPolicy clientPolicy;

  daemon::DatabaseSettings database;
  net::Address lmtpAddress;     // of lmtp-delivery
  std::string accountdAddress;  // as gRPC has it
  std::string filterdAddress;
  std::chrono::milliseconds filterDeadline = std::chrono::seconds(20);
  bool acceptUnfiltered = false;  // filterd.on_failure = "accept": mail that nobody could judge is taken

  /// `own` is the section of the program itself.
  static Config from(config::Configuration& configuration, config::Section& own, std::string hostname);
};

}  // namespace posthouse::smtpd
