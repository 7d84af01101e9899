// TOP, RFC 1939 §7.
#include "message_body.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Top& top) {
  if (const auto refused = refusal(top.message)) co_return *refused;
  auto message = co_await readAhead_.take(*maildrop_, top.message);
  if (!message) co_return Reply::error("That message was removed in another session");
  auto body =
      co_await MessageBody::open(surroundings_.store, surroundings_.readAhead, *std::move(message), top.lines, form());
  co_return Answer(Reply::ok("The top follows"), std::move(body));
}

}  // namespace posthouse::pop3d
