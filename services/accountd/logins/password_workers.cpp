#include "logins/password_workers.h"

#include "crypto/secret.h"
#include "logins/scram_text.h"

namespace posthouse::accountd {

PasswordWorkers::PasswordWorkers(net::Loop& loop, std::size_t threads, std::size_t queueLimit,
                                 prometheus::Gauge& waiting)
    : threads_(loop, threads, queueLimit, "password hashes", waiting) {}

Task<Secrets> PasswordWorkers::derive(std::string preparedPassword, PasswordPolicy policy, std::string like) {
  const auto job = [&] { return deriveSecrets(preparedPassword, policy, like); };
  ++hashes_;
  Secrets secrets = co_await threads_.run(job);
  crypto::wipe(preparedPassword);
  co_return secrets;
}

Task<std::string> PasswordWorkers::deriveScram(std::vector<std::string> spellings, std::string like) {
  const auto job = [&] {
    std::string text;
    for (const std::string& spelling : spellings)
      text.append(text.empty() ? "" : " ").append(deriveScramText(spelling, sasl::ScramKeys::kMinIterations, like));
    return text;
  };
  std::string text = co_await threads_.run(job);
  for (std::string& spelling : spellings) crypto::wipe(spelling);
  co_return text;
}

Task<bool> PasswordWorkers::verify(std::string password, std::string phc) {
  const auto job = [&] { return crypto::verifyPassword(password, phc); };
  ++hashes_;
  const bool matches = co_await threads_.run(job);
  crypto::wipe(password);
  co_return matches;
}

}  // namespace posthouse::accountd
