#pragma once
#include <stdexcept>

namespace posthouse::accountd {

/// A token cannot be judged now, for a reason that lies with its issuer: the same login will do later.
class IssuerUnavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace posthouse::accountd
