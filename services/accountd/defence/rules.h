#pragma once
#include <chrono>
#include <cstddef>
#include <vector>

#include "config/configuration.h"
#include "net/address.h"

namespace posthouse::accountd {

/// How passwords are defended against those who guess. A wrong login counts half after `halfLife`, half of that after
/// another, and so on.
struct DefenceRules {
  using Duration = std::chrono::milliseconds;

  bool isOn = true;
  double freeFailures = 3;          // of a network, before its logins have to wait
  double accountFreeFailures = 20;  // of an account from everywhere, before strangers to it have to wait
  double banAfter = 10;             // failures of a network, or of an account there
  Duration halfLife{600'000};
  Duration longestDelay{5'000};  // less than programs wait for accountd
  Duration banTime{900'000};     // of the first one; each that follows within a day lasts twice as long
  Duration longestBan{86'400'000};
  Duration placeMemory = std::chrono::days(30);  // how long a network is known from which an account logged in
  std::size_t sharedFrom = 5;                    // accounts that log in from a network that is not banned whole
  std::size_t waiting = 1'000;                   // logins that wait at once; beyond, they are turned away
  std::size_t memory = 50'000;                   // networks and accounts with failures that are kept in mind
  std::vector<net::Network> exempt;              // [limits] exempt_networks, beside loopback

  /// Keys of [accountd], and [limits] exempt_networks.
  static DefenceRules from(config::Configuration& configuration, config::Section& section);
};

}  // namespace posthouse::accountd
