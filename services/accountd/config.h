#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "config/section.h"
#include "crypto/hash_bounds.h"
#include "crypto/sealing_keys.h"
#include "directory/address.h"
#include "directory/store_directory.h"
#include "logins/secrets.h"
#include "mechanisms/offer.h"
#include "sasl/scram.h"

namespace posthouse::accountd {

struct Config {
  PasswordPolicy passwords;             // argon2id, t=2 and m=19 MiB; keys for SCRAM of 10,000 iterations; unless set
  std::vector<std::string> mechanisms;  // of SASL, those that are offered; all but -PLUS unless set
  std::size_t passwordThreads = 1;      // hashes at once; one for every core unless set
  std::size_t passwordQueue = 256;      // hashes that wait; beyond, a client is told to come back
  std::chrono::milliseconds passwordMemory{
      300'000};                             // how long a password that matched needs no second hash; 0: not at all
  std::size_t passwordMemorySize = 20'000;  // of how many accounts
  std::chrono::milliseconds auditAge = std::chrono::days(400);  // how long what administrators did is kept; 0: for ever
  crypto::SealingKeys sealingKeys;  // for secrets that are stored as they are; none unless set
  PostmasterRule postmaster;        // its address is empty unless set

  /// Passwords of an import that are hashed, or wait for it, at once: enough that no thread idles, never the whole
  /// queue, and no more, because a login waits behind them.
  std::size_t importHashes() const {
    return std::min(3 * passwordThreads, std::max<std::size_t>(1, passwordQueue / 2));
  }

  static constexpr std::int64_t kScramIterations = 10'000;

  static Config from(config::Section& section, const std::string& hostname) {
    Config config;
    config.passwords.cost.passes = static_cast<std::uint32_t>(section.integer("argon2_passes", 2, 1, 100));
    config.passwords.cost.memory = section.bytes("argon2_memory", config.passwords.cost.memory);
    // What no login would be checked against, because a stored hash may not be so dear, is not made either.
    if (config.passwords.cost.memory < 8 * 1024 || !crypto::HashBounds{}.admits(config.passwords.cost))
      section.fail("argon2_memory", "must be between 8KiB and 1GiB, and 4GiB in all passes");
    const auto iterations = section.integer("scram_iterations", kScramIterations, 0, sasl::ScramKeys::kMaxIterations);
    if (iterations > 0 && iterations < sasl::ScramKeys::kMinIterations)
      section.fail("scram_iterations", "must be 0, for no SCRAM, or at least 4096 (RFC 7677 §4)");
    config.passwords.scramIterations = static_cast<std::uint32_t>(iterations);
    config.mechanisms = readMechanisms(section, config.passwords.scramIterations);
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    config.passwordThreads = static_cast<std::size_t>(section.integer("password_threads", cores, 1, 256));
    config.passwordQueue = static_cast<std::size_t>(section.integer("password_queue", 256, 1, 100'000));
    config.passwordMemory = section.duration("password_memory", config.passwordMemory);
    config.passwordMemorySize =
        static_cast<std::size_t>(section.integer("password_memory_size", 20'000, 0, 10'000'000));
    config.auditAge = section.duration("audit_age", config.auditAge);
    auto keys = crypto::SealingKeys::parse(section.secret("sealing_keys", ""));
    if (!keys) section.fail("sealing_keys", keys.error());
    if (keys) config.sealingKeys = *std::move(keys);
    config.postmaster = {section.text("postmaster", ""), hostname};
    if (section.has("postmaster") && !parseAddress(config.postmaster.address))
      section.fail("postmaster", "is not an address");
    return config;
  }
};

}  // namespace posthouse::accountd
