#pragma once
#include <string>

#include "logins/mechanism.h"
#include "logins/shared_secrets.h"

namespace posthouse::accountd {

/// CRAM-MD5 (RFC 2195): the client proves that it knows a secret that only accounts have for which an administrator
/// turned it on. MD5 is no reason for concern here as HMAC uses it (RFC 6151 §2.3); that who hears an exchange can try
/// out secrets as fast as he can hash, is.
class CramMd5 final : public Mechanism {
 public:
  /// `hostname`: as in the challenge.
  CramMd5(SharedSecrets& secrets, std::string hostname)
      : Mechanism("CRAM-MD5"), secrets_(secrets), hostname_(std::move(hostname)) {}

  Task<Outcome> exchange(std::optional<std::string> initialResponse, Connection connection,
                         Conversation& conversation) override;

 private:
  SharedSecrets& secrets_;
  const std::string hostname_;
};

}  // namespace posthouse::accountd
