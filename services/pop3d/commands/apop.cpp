// APOP, RFC 1939 §7.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

/// Without TLS, too, where a password may not pass: no password does, and to be safe there is what a listener has it
/// for.
Task<Answer> Session::on(const pop3::Apop& apop) {
  if (timestamp_.empty()) co_return Reply::error("APOP is not offered here");
  const bool isAfterUser = !std::exchange(user_, {}).empty();
  if (isAfterUser) co_return Reply::error("After USER comes PASS");
  co_return co_await conclude(
      co_await surroundings_.authenticator.checkApop(apop.name, timestamp_, apop.digest,
                                                     login::connectionOf("pop3", stream_.bytes(), id_)),
      "APOP");
}

}  // namespace posthouse::pop3d
