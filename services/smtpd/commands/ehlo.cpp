// HELO and EHLO, RFC 5321 §4.1.1.1.
#include <fmt/core.h>

#include "session.h"

namespace posthouse::smtpd {

using smtp::Reply;

Task<Reply> Session::on(const smtp::Helo& helo) {
  transaction_.reset();
  client_.greeting = helo.domain;
  client_.isExtended = false;
  co_return Reply(250, config_.hostname);
}

Task<Reply> Session::on(const smtp::Ehlo& ehlo) {
  transaction_.reset();
  client_.greeting = ehlo.domain;
  client_.isExtended = true;
  std::string text = config_.hostname;
  text += "\nPIPELINING";                                    // RFC 2920
  text += fmt::format("\nSIZE {}", config_.maxMessageSize);  // RFC 1870
  text += "\n8BITMIME";                                      // RFC 6152
  text += "\nSMTPUTF8";                                      // RFC 6531
  text += "\nENHANCEDSTATUSCODES";                           // RFC 2034
  if (offersStartTls()) text += "\nSTARTTLS";                // RFC 3207
  if (listener_.service == Service::submission && isProtected() && !client_.identity) {
    text += "\nAUTH";  // RFC 4954
    for (const std::string& mechanism : environment_.authenticator.mechanisms(login::traitsOf(stream_.bytes()))) {
      text += " " + mechanism;
    }
  }
  co_return Reply(250, text);
}

/// LMTP's greeting, to a server of SMTP (RFC 2033 §4.1).
Task<Reply> Session::on(const smtp::Lhlo&) {
  co_return Reply(500, "5.5.1 Command not recognized: this is SMTP");
}

}  // namespace posthouse::smtpd
