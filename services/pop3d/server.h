#pragma once
#include <prometheus/registry.h>

#include <chrono>
#include <memory>
#include <stop_token>

#include "async/task.h"
#include "config.h"
#include "daemon/last_call.h"
#include "daemon/listeners.h"
#include "session.h"

namespace posthouse::pop3d {

/// The listeners and the sessions behind them. What is handed in outlives it; close() comes before its end.
class Server {
 public:
  Server(net::Loop& loop, const Config& config, const daemon::ServerTls& tls, login::Authenticator& authenticator,
         login::OpenSessions& openSessions, MailStore& store, Leases& leases, Metrics& metrics, const observe::Log& log,
         prometheus::Registry& registry);

  /// Where a listener really listens.
  const net::Address& address(std::string_view name) const { return listeners_.address(name); }
  const daemon::Listeners& listeners() const noexcept { return listeners_; }

  /// Takes no new clients and sends away who has not logged in; the others may reach their QUIT while the patience for
  /// it lasts, and then lose their connection without UPDATE.
  Task<> close();

 private:
  Task<> serve(std::unique_ptr<net::ByteStream> client, const ListenerConfig& listener);

  const daemon::ServerTls& tls_;
  std::stop_source draining_;
  daemon::LastCall lastCall_;
  AccountSessions accounts_;
  ReadAheadPool readAhead_;
  Releases releases_;
  Surroundings surroundings_;
  daemon::Listeners listeners_;
};

}  // namespace posthouse::pop3d
