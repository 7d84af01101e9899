// QUIT and the UPDATE state, RFC 1939 §6.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Quit&) {
  end_ = End::quit;
  if (!maildrop_) co_return Reply::ok("Bye");
  if (!claim_) co_return Reply::ok("Bye, {0} {0:message|messages} deleted", 0U);  // who reads alone
  Update update = maildrop_->atQuit(surroundings_.config.expire);
  if (!update.deletes() && update.seen.empty()) {
    co_await leave();
    co_return Reply::ok("Bye, {0} {0:message|messages} deleted", 0U);
  }
  const std::optional<Updated> updated =
      co_await surroundings_.store.update(claim_->holder(), maildrop_->id().mailbox, std::move(update));
  if (!updated) co_return temporaryFailure("Another session has taken the maildrop, nothing was deleted");
  claim_.reset();
  co_return report(*updated);
}

Answer Session::report(const Updated& updated) {
  deleted_ = updated.removed;
  expired_ = updated.expired;
  surroundings_.metrics.messagesDeleted.Increment(static_cast<double>(updated.removed));
  surroundings_.metrics.messagesExpired.Increment(static_cast<double>(updated.expired));
  if (updated.expired > 0)
    return Reply::ok("Bye, {0} {0:message|messages} deleted, {1} expired", updated.removed, updated.expired);
  return Reply::ok("Bye, {0} {0:message|messages} deleted", updated.removed);
}

}  // namespace posthouse::pop3d
