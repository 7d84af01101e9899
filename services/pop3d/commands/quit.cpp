// QUIT and the UPDATE state, RFC 1939 §6.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

namespace {

constexpr std::chrono::seconds kEndOfInput{1};  // it has come, and is only to be read

}  // namespace

Task<Answer> Session::on(const pop3::Quit&) {
  end_ = End::quit;
  if (!maildrop_) co_return Reply::ok("Bye");
  if (!claim_) co_return Reply::ok("Bye, {0} {0:message|messages} deleted", 0U);  // who reads alone
  end_ = End::failed;
  co_await flush();
  const bool isReceived = co_await hasReceivedAll();
  Update update = isReceived ? maildrop_->atQuit(surroundings_.config.expire) : maildrop_->atQuitUnreceived();
  if (!update.deletes() && update.seen.empty()) {
    end_ = End::quit;  // and the maildrop is let go once this is said
    co_return Reply::ok("Bye, {0} {0:message|messages} deleted", 0U);
  }
  const std::optional<Updated> updated =
      co_await surroundings_.store.update(claim_->holder(), maildrop_->id().mailbox, std::move(update));
  if (!updated) {
    surroundings_.log.warn("pop3.maildrop.lost", "another session has taken the maildrop, nothing was deleted",
                           {{"session_id", id_}, {"account", maildrop_->account().address}});
    co_return temporaryFailure("Another session has taken the maildrop, nothing was deleted");
  }
  claim_.reset();
  end_ = End::quit;
  co_return report(*updated);
}

/// Whether the client's system has what RETR was answered with: what it does not have must not expire. QUIT may have
/// come together with RETR.
Task<bool> Session::hasReceivedAll() {
  if (retrieved_ == 0 || stream_.bytes().local().isUnix()) co_return true;
  for (std::chrono::milliseconds pause{5}, past{0}; !stream_.bytes().isAcknowledged(); past += pause, pause *= 2) {
    if (past >= surroundings_.config.receiptPatience || stream_.bytes().hasPeerClosed()) co_return false;
    co_await surroundings_.loop.sleep(pause, surroundings_.stopping);
  }
  co_return !stream_.bytes().hasPeerClosed() || co_await hasClosedAfterAll();
}

/// A client that has closed: with a reset, if octets were left unread.
Task<bool> Session::hasClosedAfterAll() {
  try {
    std::string rest;
    while (co_await stream_.bytes().read(rest, {kEndOfInput, surroundings_.stopping}) > 0) rest.clear();
    co_return true;
  } catch (const net::ConnectionLost&) {
    co_return false;
  } catch (const net::Interrupted&) {
    co_return false;
  }
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
