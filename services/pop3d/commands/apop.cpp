// APOP, RFC 1939 §7, RFC 6856 §2.2.
#include "base/utf8.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

/// Without TLS, too, where a password may not pass: no password does, and to be safe there is what a listener has it
/// for.
Task<Answer> Session::on(const pop3::Apop& apop) {
  if (timestamp_.empty()) co_return Reply::error("APOP is not offered here");
  if (!utf8::isValid(apop.name))
    co_return Reply::error(pop3::ResponseCode::authentication, "Names and passwords must be UTF-8");
  const bool isAfterUser = !std::exchange(user_, {}).empty();
  if (isAfterUser) co_return Reply::error("After USER comes PASS");
  co_return co_await conclude(
      co_await surroundings_.authenticator.checkApop(apop.name, timestamp_, apop.digest,
                                                     login::connectionOf("pop3", stream_.bytes(), id_)),
      "APOP");
}

}  // namespace posthouse::pop3d
