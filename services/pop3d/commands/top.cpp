// TOP, RFC 1939 §7.
#include "message_body.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Top& top) {
  if (const auto refused = refusal(top.message)) co_return *refused;
  std::unique_ptr<Body> body = co_await MessageBody::open(surroundings_.store, maildrop_->account().account,
                                                          maildrop_->uid(top.message), top.lines);
  if (!body) co_return Reply::error("That message was removed in another session");
  co_return Answer(Reply::ok("The top follows"), std::move(body));
}

}  // namespace posthouse::pop3d
