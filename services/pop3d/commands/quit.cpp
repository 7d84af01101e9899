// QUIT and the UPDATE state, RFC 1939 §6.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

Task<Answer> Session::on(const pop3::Quit&) {
  end_ = End::quit;
  if (!maildrop_) co_return Reply::ok("Bye");
  Update update = maildrop_->update(Maildrop::Removals::yes);
  const std::size_t removed = update.removed.size();
  if (removed > 0 || !update.seen.empty()) {
    co_await surroundings_.store.update(maildrop_->account().account, std::move(update));
  }
  updated_ = true;
  deleted_ = removed;
  surroundings_.metrics.messagesDeleted.Increment(static_cast<double>(removed));
  co_return Reply::ok("Bye, {0} {0:message|messages} deleted", removed);
}

}  // namespace posthouse::pop3d
