#pragma once
#include "logins/mechanism.h"

namespace posthouse::accountd {

/// PLAIN (RFC 4616) and LOGIN: the client says its password.
class PasswordMechanism final : public Mechanism {
 public:
  PasswordMechanism(std::string_view name, Authenticator& authenticator)
      : Mechanism(name), authenticator_(authenticator) {}

  Task<Outcome> exchange(std::optional<std::string> initialResponse, Connection connection,
                         Conversation& conversation) override;

 private:
  Authenticator& authenticator_;
};

}  // namespace posthouse::accountd
