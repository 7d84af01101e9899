#pragma once
#include <memory>

#include "async/task.h"
#include "daemon/last_call.h"
#include "daemon/listeners.h"
#include "daemon/server_tls.h"
#include "daemon/spread_stop.h"
#include "services.h"

namespace posthouse::imapd {

/// Takes clients on the program's listeners and holds a session with each.
class Server {
 public:
  Server(Services& services, const daemon::ServerTls& tls, daemon::LastCall& lastCall, prometheus::Registry& registry);

  /// Takes no more clients, says BYE to one after the other when its command is answered, returns when the last has
  /// gone.
  Task<> close();
  const daemon::Listeners& listeners() const noexcept { return listeners_; }

 private:
  Task<> serve(std::unique_ptr<net::ByteStream> client, const daemon::ListenerConfig& listener);

  Services& services_;
  const daemon::ServerTls& tls_;
  daemon::LastCall& lastCall_;
  daemon::SpreadStop stop_;
  daemon::Listeners listeners_;
};

}  // namespace posthouse::imapd
