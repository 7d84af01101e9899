// IDLE, RFC 2177.
#include <chrono>

#include "base/ascii.h"
#include "session.h"

namespace posthouse::imapd {

/// Until DONE the client is told of changes as they come, by whichever program made them.
Task<imap::Reply> Session::on(const imap::Idle&) {
  stream_.write("+ idling\r\n");
  const Stage before = stage_;
  enter(Stage::idle);
  const auto deadline = std::chrono::steady_clock::now() + services_.config.idleTimeout;
  while (true) {
    if (selected_) co_await showNews(true);
    if (done_) co_return Reply::ok("IDLE terminated");  // the mailbox is gone, BYE was said
    co_await stream_.flush(transfer());
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    bool news = false;
    try {
      co_await stream_.waitForInput({std::max(left, std::chrono::milliseconds(1)), stop_, &watch_->wakeup()});
    } catch (const net::Interrupted& interrupted) {
      if (interrupted.why != net::Interrupt::wakeup) throw;
      news = true;
    }
    if (!news) break;
    services_.metrics.idleNotifications.Increment();
  }
  enter(before);
  const auto line = co_await stream_.readLine(services_.config.maxCommand, transfer());
  if (!line) throw net::ConnectionLost("the client left within IDLE");
  if (!ascii::equalsIgnoringCase(*line, "DONE")) co_return Reply::bad("Expected DONE");
  co_return Reply::ok("IDLE terminated");
}

}  // namespace posthouse::imapd
