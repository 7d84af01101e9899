// RETR, RFC 1939 §5.
#include "message_body.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Retr& retr) {
  if (const auto refused = refusal(retr.message)) co_return *refused;
  auto message = co_await readAhead_.take(*maildrop_, retr.message);
  if (!message) co_return Reply::error("That message was removed in another session");
  auto body = co_await MessageBody::open(surroundings_.store, surroundings_.readAhead, *std::move(message),
                                         std::nullopt, form());
  maildrop_->markRetrieved(retr.message);
  surroundings_.metrics.messagesRetrieved.Increment();
  ++retrieved_;
  co_return Answer(Reply::ok("{0} {0:octet|octets}", maildrop_->octets(retr.message)), std::move(body));
}

}  // namespace posthouse::pop3d
