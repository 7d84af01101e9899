#pragma once
#include <string_view>

#include "db/transaction.h"

namespace posthouse::store {

/// Which AP-REQs (RFC 4120 §5.5.1) have been shown already.
class KerberosRequestRepository {
 public:
  explicit KerberosRequestRepository(db::Transaction& transaction) noexcept : transaction_(transaction) {}

  /// Notes one, for an hour; false if it was there. One statement. `proof`: octets that no other has.
  bool add(std::string_view proof);

 private:
  db::Transaction& transaction_;
};

}  // namespace posthouse::store
