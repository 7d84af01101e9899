#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>

#include "address.h"
#include "config/section.h"
#include "crypto/hash_bounds.h"

namespace posthouse::accountd {

struct Config {
  crypto::PasswordCost passwordCost;  // argon2id, t=2 and m=19 MiB unless set
  std::size_t passwordThreads = 1;    // hashes at once; one for every core unless set
  std::size_t passwordQueue = 256;    // hashes that wait; beyond, a client is told to come back
  std::chrono::milliseconds passwordMemory{
      300'000};                             // how long a password that matched needs no second hash; 0: not at all
  std::size_t passwordMemorySize = 20'000;  // of how many accounts
  std::string postmaster;  // who "postmaster" without a domain is (RFC 5321 §4.5.1); postmaster@hostname unless set

  /// Passwords of an import that are hashed, or wait for it, at once: enough that no thread idles, never the whole
  /// queue, and no more, because a login waits behind them.
  std::size_t importHashes() const {
    return std::min(3 * passwordThreads, std::max<std::size_t>(1, passwordQueue / 2));
  }

  static Config from(config::Section& section, const std::string& hostname) {
    Config config;
    config.passwordCost.passes = static_cast<std::uint32_t>(section.integer("argon2_passes", 2, 1, 100));
    config.passwordCost.memory = section.bytes("argon2_memory", config.passwordCost.memory);
    // What no login would be checked against, because a stored hash may not be so dear, is not made either.
    if (config.passwordCost.memory < 8 * 1024 || !crypto::HashBounds{}.admits(config.passwordCost))
      section.fail("argon2_memory", "must be between 8KiB and 1GiB, and 4GiB in all passes");
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    config.passwordThreads = static_cast<std::size_t>(section.integer("password_threads", cores, 1, 256));
    config.passwordQueue = static_cast<std::size_t>(section.integer("password_queue", 256, 1, 100'000));
    config.passwordMemory = section.duration("password_memory", config.passwordMemory);
    config.passwordMemorySize =
        static_cast<std::size_t>(section.integer("password_memory_size", 20'000, 0, 10'000'000));
    config.postmaster = section.text("postmaster", "postmaster@" + hostname);
    if (section.has("postmaster") && !parseAddress(config.postmaster)) section.fail("postmaster", "is not an address");
    return config;
  }
};

}  // namespace posthouse::accountd
