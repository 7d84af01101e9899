// USER, RFC 1939 §7, RFC 6856 §2.2.
#include "base/utf8.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

/// Never says whether there is such a user.
Task<Answer> Session::on(const pop3::User& user) {
  if (isKpop_) co_return co_await claimTicket(user.name);
  if (!mayLogIn()) co_return askForTls();
  if (!utf8::isValid(user.name)) co_return Reply::error("Names and passwords must be UTF-8");
  user_ = user.name;
  co_return Reply::ok("Send the password");
}

}  // namespace posthouse::pop3d
