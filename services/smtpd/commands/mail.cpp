// MAIL, RFC 5321 §4.1.1.2; submission, RFC 6409.
#include "session.h"

namespace posthouse::smtpd {

using smtp::Reply;

Task<Reply> Session::on(const smtp::Mail& mail) {
  if (client_.greeting.empty()) co_return Reply(503, "5.5.1 EHLO comes first");
  if (transaction_) co_return Reply(503, "5.5.1 A mail transaction has begun already");
  if (listener_.service == Service::submission && !maySend()) co_return Reply(530, "5.7.0 Authentication required");
  if (mail.parameters.size > config_.maxMessageSize) {
    co_return refuse(Stage::mail, Reason::size, 552, "5.3.4 Message larger than the server takes");
  }
  if (client_.identity && !mail.reversePath.empty()) {
    const auto may = co_await maySendAs(mail.reversePath);
    if (!may) co_return refuse(Stage::mail, Reason::temp, 451, "4.3.0 Cannot check addresses now");
    if (!*may) {
      co_return refuse(
          Stage::mail, Reason::policy, 553,
          "5.7.1 " + mail.reversePath + " is not yours: send from your own address, or ask to be allowed this one");
    }
  }
  transaction_ = Transaction{.id = environment_.mintQueueId(),
                             .reversePath = mail.reversePath,
                             .parameters = mail.parameters,
                             .recipients = {}};
  co_return Reply(250, "2.1.0 OK");
}

Task<std::optional<bool>> Session::maySendAs(std::string address) {
  try {
    co_return co_await environment_.directory.maySendAs(static_cast<std::int64_t>(client_.identity->account),
                                                        std::move(address));
  } catch (const directory::Unavailable& away) {
    log_.warn("smtp.directory.unavailable", away.what());
  }
  co_return std::nullopt;
}

}  // namespace posthouse::smtpd
