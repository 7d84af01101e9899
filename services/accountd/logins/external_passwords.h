#pragma once
#include <string>
#include <string_view>

#include "async/task.h"
#include "directory/address.h"

namespace posthouse::accountd {

struct Outcome;

/// Passwords that are checked elsewhere.
class ExternalPasswords {
 public:
  virtual ~ExternalPasswords() = default;

  /// Whether users of this domain are elsewhere, beside those who are here.
  virtual bool serves(std::string_view domain) const = 0;
  /// For a name in such a domain. Throws ldap::Unavailable.
  virtual Task<Outcome> authenticate(Address name, std::string password) = 0;
  /// Takes as long as a wrong password. For one that was judged here.
  virtual Task<> pretend(Address name, std::string password) = 0;
};

}  // namespace posthouse::accountd
