#pragma once
#include <expected>
#include <stdexcept>
#include <string>

#include "async/task.h"
#include "sasl/exchange.h"
#include "store/types.h"

namespace posthouse::pop3d {

struct Account {
  store::AccountId id{};
  std::string address;
};

enum class Denial { badCredentials, disabled, notAuthorized };

/// Nobody could be asked whether the credentials are right.
class AuthenticatorAway : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Proves identities: accountd, or a fake in tests.
class Authenticator {
 public:
  /// For limits and logs.
  struct Client {
    std::string address;  // without port
    std::string sessionId;
  };

  virtual ~Authenticator() = default;
  /// Throws AuthenticatorAway.
  virtual Task<std::expected<Account, Denial>> authenticate(sasl::Credentials credentials, Client client) = 0;
};

}  // namespace posthouse::pop3d
