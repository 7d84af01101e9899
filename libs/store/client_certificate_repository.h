#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

/// A certificate by which an account logs in.
struct ClientCertificate {
  std::string fingerprint;  // SHA-256 of its DER, 32 octets
  std::string label;
  std::string subject;
  std::chrono::sys_seconds notAfter;
  std::chrono::system_clock::time_point addedAt;  // set by the database
};

/// Only accountd's role may use it.
class ClientCertificateRepository {
 public:
  explicit ClientCertificateRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  struct Holder {
    AccountId account{};
    std::string address;  // the canonical one
    bool enabled = true;
    bool operator==(const Holder&) const = default;
  };

  std::optional<Holder> holder(std::string_view fingerprint);
  /// Those of the addresses that individuals have; no aliases. By address.
  std::vector<Holder> individuals(const std::vector<std::string>& addresses);

  /// False if it is some account's already.
  bool add(AccountId account, const ClientCertificate& certificate);
  /// In the order in which they were added.
  std::vector<ClientCertificate> list(AccountId account);
  bool remove(AccountId account, std::string_view fingerprint);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
