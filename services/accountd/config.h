#pragma once
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

#include "config/section.h"
#include "crypto/hash.h"
#include "crypto/hash_bounds.h"
#include "crypto/sealing_keys.h"
#include "directory/address.h"
#include "directory/store_directory.h"
#include "kerberos/settings.h"
#include "ldap/settings.h"
#include "logins/secrets.h"
#include "mechanisms/offer.h"
#include "sasl/scram.h"
#include "tokens/issuer_config.h"

namespace posthouse::accountd {

struct Config {
  PasswordPolicy passwords;             // argon2id, t=2 and m=19 MiB; keys for SCRAM of 10,000 iterations; unless set
  std::vector<std::string> mechanisms;  // of SASL, those that are offered; all but -PLUS and CRAM-MD5 unless set
  KerberosSettings kerberos;            // none unless there is a keytab
  std::vector<IssuerConfig> issuers;    // whose tokens log in; none unless set
  std::size_t passwordThreads = 1;      // hashes at once; one for every core unless set
  std::size_t passwordQueue = 256;      // hashes that wait; beyond, a client is told to come back
  std::chrono::milliseconds passwordMemory{
      300'000};                             // how long a password that matched needs no second hash; 0: not at all
  std::size_t passwordMemorySize = 20'000;  // of how many accounts
  std::chrono::milliseconds auditAge = std::chrono::days(400);  // how long what administrators did is kept; 0: for ever
  crypto::SealingKeys sealingKeys;          // for secrets that are stored as they are; none unless set
  PostmasterRule postmaster;                // its address is empty unless set
  std::string anonymousAccount;             // whose mail anybody may read, by ANONYMOUS; nobody's unless set
  std::vector<ldap::Settings> directories;  // external ones; none unless set

  /// Passwords of an import that are hashed, or wait for it, at once: enough that no thread idles, never the whole
  /// queue, and no more, because a login waits behind them.
  std::size_t importHashes() const {
    return std::min(3 * passwordThreads, std::max<std::size_t>(1, passwordQueue / 2));
  }

  static constexpr std::int64_t kScramIterations = 10'000;

  /// App passwords have keys for SCRAM also where accounts have none: nobody guesses them, and they are there when
  /// SCRAM is turned on again.
  std::uint32_t appPasswordIterations() const {
    return passwords.scramIterations > 0 ? passwords.scramIterations : std::uint32_t{kScramIterations};
  }

  Lacking lacking() const {
    Lacking lacking;
    if (passwords.scramIterations == 0)
      for (const char* scram : {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"})
        lacking.emplace(scram, "keys of passwords, and scram_iterations is 0");
    if (!kerberos.isSet()) lacking.emplace("GSSAPI", "a keytab: set accountd.keytab");
    for (const char* bearer : {"OAUTHBEARER", "XOAUTH2"})
      if (issuers.empty()) lacking.emplace(bearer, "an issuer of tokens: [[accountd.oauth]]");
    if (anonymousAccount.empty()) lacking.emplace("ANONYMOUS", "an account that it opens: set anonymous_account");
    if (sealingKeys.empty())
      lacking.emplace("CRAM-MD5",
                      "secrets as they are, and they are kept sealed: set sealing_keys to what `openssl rand -base64 "
                      "32` says");
    if (!crypto::isAvailable(crypto::Hash::md5))
      lacking.emplace("CRAM-MD5", "MD5, which this OpenSSL does not have (it may be bound to FIPS 140)");
    return lacking;
  }

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
    auto keys = crypto::SealingKeys::parse(section.secret("sealing_keys", ""));
    if (!keys) section.fail("sealing_keys", keys.error());
    if (keys) config.sealingKeys = *std::move(keys);
    if (const auto text = section.optionalText("anonymous_account")) {
      const auto address = parseAddress(*text);
      if (!address) section.fail("anonymous_account", "is not an address");
      if (address) config.anonymousAccount = address->text();
    }
    config.kerberos = KerberosSettings::from(section);
    config.issuers = readIssuers(section);
    config.mechanisms = readMechanisms(section, config.lacking());
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    config.passwordThreads = static_cast<std::size_t>(section.integer("password_threads", cores, 1, 256));
    config.passwordQueue = static_cast<std::size_t>(section.integer("password_queue", 256, 1, 100'000));
    config.passwordMemory = section.duration("password_memory", config.passwordMemory);
    config.passwordMemorySize =
        static_cast<std::size_t>(section.integer("password_memory_size", 20'000, 0, 10'000'000));
    config.auditAge = section.duration("audit_age", config.auditAge);
    config.postmaster = {section.text("postmaster", ""), hostname};
    if (section.has("postmaster") && !parseAddress(config.postmaster.address))
      section.fail("postmaster", "is not an address");
    config.directories = ldap::readDirectories(section);
    if (!config.directories.empty() && !section.has("mechanisms")) std::erase_if(config.mechanisms, needsStoredKeys);
    return config;
  }
};

}  // namespace posthouse::accountd
