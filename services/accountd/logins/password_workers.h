#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "crypto/password.h"
#include "logins/secrets.h"
#include "logins/worker_threads.h"

namespace posthouse::accountd {

/// Threads that do nothing but hash passwords, awaited from the loop: an argon2id takes 25 ms and 19 MiB, and the loop
/// and gRPC's threads must not.
class PasswordWorkers {
 public:
  /// As WorkerThreads.
  PasswordWorkers(net::Loop& loop, std::size_t threads, std::size_t queueLimit, prometheus::Gauge& waiting);

  /// All throw Overloaded. `like`: as of deriveSecrets.
  Task<Secrets> derive(std::string preparedPassword, PasswordPolicy policy, std::string like = {});
  /// Keys for SCRAM of a secret in each of its spellings, as text; with the salts and iterations of those in `like`.
  Task<std::string> deriveScram(std::vector<std::string> spellings, std::string like);
  Task<bool> verify(std::string password, std::string phc);

  /// Hashes that were wanted so far.
  std::uint64_t hashes() const noexcept { return hashes_; }

 private:
  WorkerThreads threads_;
  std::uint64_t hashes_ = 0;
};

}  // namespace posthouse::accountd
