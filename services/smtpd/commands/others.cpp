// Commands that are answered without looking at mail: RSET, NOOP, HELP, VRFY, EXPN, QUIT. RFC 5321 §4.1.1.5 to
// §4.1.1.10.
#include "session.h"

namespace posthouse::smtpd {

using smtp::Reply;

Task<Reply> Session::on(const smtp::Rset&) {
  transaction_.reset();
  co_return Reply(250, "2.0.0 OK");
}

Task<Reply> Session::on(const smtp::Noop&) {
  co_return Reply(250, "2.0.0 OK");
}

Task<Reply> Session::on(const smtp::Help&) {
  co_return Reply(214, "2.0.0 HELO EHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT STARTTLS AUTH");
}

/// Who exists is told to nobody who is not about to send mail (§7.3).
Task<Reply> Session::on(const smtp::Vrfy&) {
  co_return Reply(252, "2.5.0 Send some mail, we shall try to deliver it");
}

Task<Reply> Session::on(const smtp::Expn&) {
  co_return Reply(502, "5.5.1 Lists are not expanded");
}

Task<Reply> Session::on(const smtp::Quit&) {
  ended_ = true;
  co_return Reply(221, "2.0.0 Bye");
}

}  // namespace posthouse::smtpd
