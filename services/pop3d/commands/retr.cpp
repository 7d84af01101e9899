// RETR, RFC 1939 §5.
#include <fmt/format.h>

#include "message_body.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Retr& retr) {
  if (const auto refused = refusal(retr.message)) co_return *refused;
  std::unique_ptr<Body> body = co_await MessageBody::open(surroundings_.store, maildrop_->account().account,
                                                          maildrop_->uid(retr.message), std::nullopt);
  if (!body) co_return Reply::error("That message was removed in another session");
  maildrop_->markSeen(retr.message);
  surroundings_.metrics.messagesRetrieved.Increment();
  co_return Answer(Reply::ok(fmt::format("{} octets", maildrop_->octets(retr.message))), std::move(body));
}

}  // namespace posthouse::pop3d
