#pragma once
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "async/task.h"
#include "daemon/last_call.h"
#include "daemon/listeners.h"
#include "net/byte_stream.h"
#include "session.h"

namespace posthouse::smtpd {

/// Takes clients on the configured listeners and holds a session with each.
class Server {
 public:
  /// Listens at once. `log` and what the environment refers to outlive the server.
  /// `drainWindow`: how long close() may take.
  Server(net::Loop& loop, daemon::Listeners& listeners, const Environment& environment, const observe::Log& log,
         std::chrono::milliseconds drainWindow);

  /// Takes no new clients, lets each session know, and returns when the last has ended.
  Task<> close();

 private:
  Task<> serve(std::unique_ptr<net::ByteStream> client, const ListenerConfig& listener);

  daemon::Listeners& listeners_;
  const Environment& environment_;
  const observe::Log& log_;
  std::stop_source stop_;
  daemon::LastCall lastCall_;
};

}  // namespace posthouse::smtpd
