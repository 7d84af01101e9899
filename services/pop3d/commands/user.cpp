// USER, RFC 1939 §7.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

/// Never says whether there is such a user.
Task<Answer> Session::on(const pop3::User& user) {
  if (!mayLogIn()) co_return askForTls();
  user_ = user.name;
  co_return Reply::ok("Send the password");
}

}  // namespace posthouse::pop3d
