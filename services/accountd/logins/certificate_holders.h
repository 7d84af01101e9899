#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "async/task.h"

namespace posthouse::accountd {

/// An account that a certificate, or a token, is for.
struct CertificateHolder {
  std::int64_t account = 0;
  std::string address;  // the canonical one
  bool enabled = true;
};

/// Whom certificates and tokens are for: individuals, never a group or a shared mailbox, as which nobody logs in.
class CertificateHolders {
 public:
  virtual ~CertificateHolders() = default;

  /// Whose it was registered as, by its SHA-256.
  virtual Task<std::optional<CertificateHolder>> registered(std::string fingerprint) = 0;
  /// Those who have one of the addresses, in the form of Address::text(); each once.
  virtual Task<std::vector<CertificateHolder>> individuals(std::vector<std::string> addresses) = 0;
};

}  // namespace posthouse::accountd
