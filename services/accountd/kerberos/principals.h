#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "async/task.h"

namespace posthouse::accountd {

/// The account that a principal's tickets open.
struct PrincipalHolder {
  std::int64_t account = 0;
  std::string address;  // the canonical one
  bool enabled = true;
};

/// Where it is kept whose principal is whose.
class KerberosPrincipals {
 public:
  virtual ~KerberosPrincipals() = default;
  /// Nothing for a principal that nobody has.
  virtual Task<std::optional<PrincipalHolder>> find(std::string principal) = 0;
};

}  // namespace posthouse::accountd
