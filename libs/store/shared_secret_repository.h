#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "db/transaction.h"
#include "store/types.h"

namespace posthouse::store {

/// An account, and its secret of one kind.
struct SealedSecret {
  AccountId account{};
  std::string address;  // the canonical one
  bool enabled = true;
  std::string sealed;  // octets (crypto::SealingKeys); empty: it has none
};

/// Which secrets an account has.
struct SharedSecretKinds {
  std::string address;
  std::vector<std::string> kinds;
};

/// Secrets that are kept as they are, one of a kind for an account, sealed by who writes them. A secret goes with its
/// account. Only accountd's role may use it.
class SharedSecretRepository {
 public:
  explicit SharedSecretRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// One statement. Nothing if nobody has the login.
  std::optional<SealedSecret> find(std::string_view login, std::string_view kind);
  void set(AccountId account, std::string_view kind, std::string_view sealed);
  /// Only if what is there is still `old`: for the same secret under another key.
  void replace(AccountId account, std::string_view kind, std::string_view old, std::string_view sealed);
  /// False if there was none.
  bool remove(AccountId account, std::string_view kind);

  std::vector<std::string> kinds(AccountId account);
  /// Of the accounts that have any, ordered by address, those after `after`. An empty domain: all.
  std::vector<SharedSecretKinds> list(std::string_view domain, std::string_view after, int limit);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
