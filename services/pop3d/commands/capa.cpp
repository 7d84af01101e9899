// CAPA, RFC 2449 §5 and §6, RFC 6856 §2 and §3.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

/// Passwords are not asked for where they would travel in the clear, so USER and SASL are not announced there; after
/// the login they still are (RFC 5034 §3), STLS is not (RFC 2595 §9).
Task<Answer> Session::on(const pop3::Capa&) {
  std::string capabilities = "TOP\r\nUIDL\r\nRESP-CODES\r\nAUTH-RESP-CODE\r\nPIPELINING\r\n";
  const auto& expire = surroundings_.config.expire;
  capabilities += expire ? fmt::format("EXPIRE {}\r\n", expire->count()) : "EXPIRE NEVER\r\n";
  const auto delay = std::chrono::ceil<std::chrono::seconds>(surroundings_.config.loginDelay);
  if (delay.count() > 0) capabilities += fmt::format("LOGIN-DELAY {}\r\n", delay.count());
  capabilities += "UTF8 USER\r\nLANG\r\n";
  if (isKpop_) {
    capabilities += "USER\r\n";
  } else if (mayLogIn()) {
    capabilities +=
        fmt::format("USER\r\nSASL {}\r\n",
                    fmt::join(surroundings_.authenticator.mechanisms(login::traitsOf(stream_.bytes())), " "));
  }
  if (tls_ && !stream_.bytes().isSecure() && !maildrop_ && !isUtf8_) capabilities += "STLS\r\n";
  capabilities += "IMPLEMENTATION Posthouse\r\n.\r\n";
  co_return Answer(Reply::ok("Capability list follows"), std::make_unique<ShortBody>(std::move(capabilities)));
}

}  // namespace posthouse::pop3d
