// PASS, RFC 1939 §7, RFC 6856 §2.2.
#include "base/utf8.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Pass& pass) {
  if (!isKpop_ && !mayLogIn()) co_return askForTls();
  if (user_.empty()) co_return Reply::error("USER comes first");
  if (!utf8::isValid(pass.password))
    co_return Reply::error(pop3::ResponseCode::authentication, "Names and passwords must be UTF-8");
  std::string name = std::exchange(user_, {});  // PASS is good for one try
  if (isKpop_) co_return co_await useTicket();
  co_return co_await conclude(co_await surroundings_.authenticator.checkPassword(
                                  std::move(name), pass.password, login::connectionOf("pop3", stream_.bytes(), id_)),
                              "USER");
}

}  // namespace posthouse::pop3d
