#pragma once
#include <string>

#include "logins/credentials.h"
#include "logins/mechanism.h"
#include "observe/log.h"

namespace posthouse::accountd {

/// ANONYMOUS (RFC 4505): anybody may read the mail of one account, and change nothing. Where mail is read, and nowhere
/// else.
class Anonymous final : public Mechanism {
 public:
  /// `account`: its login, of a user or a shared mailbox.
  Anonymous(Credentials& credentials, std::string account, observe::Log log)
      : Mechanism("ANONYMOUS"), credentials_(credentials), account_(std::move(account)), log_(std::move(log)) {}

  bool serves(std::string_view protocol) const override { return protocol == "imap" || protocol == "pop3"; }
  Task<Outcome> exchange(std::optional<std::string> initialResponse, Connection connection,
                         Conversation& conversation) override;

 private:
  Credentials& credentials_;
  const std::string account_;
  const observe::Log log_;
};

}  // namespace posthouse::accountd
