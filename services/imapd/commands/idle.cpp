// IDLE, RFC 2177.
#include <chrono>

#include "base/ascii.h"
#include "session.h"

namespace posthouse::imapd {

/// Until DONE the client is told of changes as they come, by whichever program made them. The waiting is done by
/// idle(), when this command and all that was needed to read and run it is out of memory: most clients are here most
/// of the time.
Task<imap::Reply> Session::on(const imap::Idle&) {
  idleNext_ = true;
  co_return Reply::ok("IDLE terminated");
}

Task<> Session::idle() {
  const std::string tag = *std::exchange(idleTag_, std::nullopt);
  stream_.write("+ idling\r\n");
  const Stage before = stage_;
  enter(Stage::idle);
  const auto deadline = std::chrono::steady_clock::now() + services_.config.idleTimeout;
  for (bool news = true; news;) {
    open_->heed();
    const Reply told = co_await guarded([this] { return tellNews(); });
    if (done_ || told.condition != imap::Condition::ok) co_return co_await reply(tag, told);
    co_await stream_.flush(transfer());
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    try {
      co_await stream_.waitForInput({std::max(left, std::chrono::milliseconds(1)), stop_, &watch_->wakeup()});
      news = false;
    } catch (const net::Interrupted& interrupted) {
      if (interrupted.why != net::Interrupt::wakeup) throw;
      services_.metrics.idleNotifications.Increment();
    }
  }
  enter(before);
  const auto line = co_await stream_.readLine(services_.config.maxCommand, transfer());
  if (!line) throw net::ConnectionLost("the client left within IDLE");
  const bool done = ascii::equalsIgnoringCase(*line, "DONE");
  if (!done) countBad();
  co_await reply(tag, done ? Reply::ok("IDLE terminated") : Reply::bad("Expected DONE"));
}

Task<imap::Reply> Session::tellNews() {
  if (selected_) co_await showNews(true);
  co_return Reply::ok("IDLE terminated");
}

}  // namespace posthouse::imapd
