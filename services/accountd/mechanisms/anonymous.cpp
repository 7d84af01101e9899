#include "mechanisms/anonymous.h"

#include <utility>

#include "sasl/anonymous.h"

namespace posthouse::accountd {

Task<Outcome> Anonymous::exchange(std::optional<std::string> initialResponse, Connection connection,
                                  Conversation& conversation) {
  if (!initialResponse) initialResponse = co_await conversation.ask({});
  const auto trace = sasl::parseAnonymous(*initialResponse);
  if (!trace) co_return Outcome{.result = Outcome::Result::malformed, .text = "ANONYMOUS: " + trace.error().reason};
  const std::optional<Credential> credential = co_await credentials_.find(account_);
  Outcome outcome{.claimedName = "anonymous"};
  if (!credential) {
    log_.error("auth.anonymous.nobody", "accountd.anonymous_account is nobody: add it, or set another",
               {{"login", account_}});
  } else if (!credential->enabled) {
    outcome.result = Outcome::Result::disabled;
  } else {
    outcome.result = Outcome::Result::ok;
    outcome.account = credential->account;
    outcome.address = credential->address;
    outcome.readOnly = true;
    log_.info("auth.anonymous", "Somebody without a name was let in",
              {{"trace", *trace},
               {"protocol", connection.protocol},
               {"remote_ip", connection.remoteAddress},
               {"session_id", connection.sessionId}});
  }
  co_return outcome;
}

}  // namespace posthouse::accountd
