#pragma once
#include "async/task.h"
#include "client.h"
#include "sasl/exchange.h"

namespace posthouse::smtpd {

struct Authentication {
  enum class Result { ok, badCredentials, disabled, notAuthorized, unavailable };
  Result result = Result::unavailable;
  Identity identity = {};  // with ok
};

/// Judges credentials: accountd, or a test's stand-in.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// Throws nothing.
  virtual Task<Authentication> authenticate(const sasl::Credentials& credentials, const Client& client) = 0;
};

}  // namespace posthouse::smtpd
