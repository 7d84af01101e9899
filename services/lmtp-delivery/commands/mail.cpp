// MAIL, RFC 5321 §4.1.1.2 with SIZE (RFC 1870), BODY (RFC 6152) and SMTPUTF8 (RFC 6531).
#include "session.h"

namespace posthouse::lmtp_delivery {

Task<smtp::Reply> Session::on(const smtp::Mail& mail) {
  if (!greeted_) co_return Reply(503, "5.5.1 LHLO comes first");
  if (mail_) co_return Reply(503, "5.5.1 A transaction is under way");
  if (mail.parameters.size.value_or(0) > parts_.config.maxMessageSize)
    co_return Reply(552, "5.3.4 The message is larger than this server takes");
  mail_ = mail;
  co_return Reply(250, "2.1.0 OK");
}

}  // namespace posthouse::lmtp_delivery
