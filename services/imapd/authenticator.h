#pragma once
#include <cstdint>
#include <expected>
#include <string>

#include "async/task.h"
#include "sasl/exchange.h"
#include "store/types.h"

namespace posthouse::imapd {

struct Identity {
  store::AccountId account{};
  std::string address;  // the canonical one
};

enum class LoginFailure : std::uint8_t { badCredentials, disabled, notAuthorized, unavailable };

/// Proves who a client is. accountd does; tests have their own.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  virtual Task<std::expected<Identity, LoginFailure>> authenticate(const sasl::Credentials& credentials,
                                                                   const std::string& remoteAddress,
                                                                   const std::string& sessionId) = 0;
};

}  // namespace posthouse::imapd
