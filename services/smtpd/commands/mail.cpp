// MAIL, RFC 5321 §4.1.1.2; submission, RFC 6409.
#include <algorithm>

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
    const auto sender = co_await resolve(mail.reversePath);
    if (!sender) co_return refuse(Stage::mail, Reason::temp, 451, "4.3.0 Cannot check addresses now");
    const auto isTheirs = [this](const directory::Account& account) {
      return store::AccountId{account.id} == client_.identity->account;
    };
    if (!std::ranges::any_of(sender->accounts, isTheirs)) {
      co_return refuse(Stage::mail, Reason::policy, 553, "5.7.1 Sender address belongs to somebody else");
    }
  }
  transaction_ = Transaction{.id = environment_.mintQueueId(),
                             .reversePath = mail.reversePath,
                             .parameters = mail.parameters,
                             .recipients = {}};
  co_return Reply(250, "2.1.0 OK");
}

}  // namespace posthouse::smtpd
