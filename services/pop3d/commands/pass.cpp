// PASS, RFC 1939 §7.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Pass& pass) {
  if (!mayLogIn()) co_return askForTls();
  if (user_.empty()) co_return Reply::error("USER comes first");
  sasl::Credentials credentials;
  credentials.authenticationIdentity = std::exchange(user_, {});  // PASS is good for one try
  credentials.password = pass.password;
  co_return co_await logIn(std::move(credentials), "USER");
}

}  // namespace posthouse::pop3d
