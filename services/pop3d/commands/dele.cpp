// DELE, RFC 1939 §5.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Dele& dele) {
  if (maildrop_->account().readOnly) co_return Reply::error("You may read here, and delete nothing");
  if (const auto refused = refusal(dele.message)) co_return *refused;
  maildrop_->markDeleted(dele.message);
  co_return Reply::ok("Message {0} will be deleted at QUIT", static_cast<std::uint32_t>(dele.message));
}

}  // namespace posthouse::pop3d
