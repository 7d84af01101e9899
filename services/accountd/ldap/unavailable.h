#pragma once
#include <stdexcept>

namespace posthouse::accountd::ldap {

/// An external directory cannot be asked now: the caller says "later" to its client.
class Unavailable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace posthouse::accountd::ldap
