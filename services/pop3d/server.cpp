#include "server.h"

#include <utility>

namespace posthouse::pop3d {

Server::Server(net::Loop& loop, const Config& config, const daemon::ServerTls& tls, login::Authenticator& authenticator,
               MailStore& store, Metrics& metrics, const observe::Log& log, prometheus::Registry& registry)
    : tls_(tls),
      lastCall_(loop, config.drainPatience),
      surroundings_{.loop = loop,
                    .config = config.session,
                    .authenticator = authenticator,
                    .store = store,
                    .metrics = metrics,
                    .log = log,
                    .draining = draining_.get_token(),
                    .stopping = lastCall_.token(),
                    .accounts = accounts_},
      listeners_(loop, tls, config.session.clients, log, registry) {
  for (const daemon::ListenerConfig& listener : config.listeners) {
    listeners_.open(
        listener, "-ERR [SYS/TEMP] Too many connections, try again later\r\n",
        [this, tls = listener.tls](std::unique_ptr<net::ByteStream> client) { return serve(std::move(client), tls); });
  }
}

Task<> Server::serve(std::unique_ptr<net::ByteStream> client, daemon::ListenerConfig::Tls tls) {
  const bool offersTls = tls == daemon::ListenerConfig::Tls::starttls && tls_.isConfigured();
  Session session(std::move(client), offersTls ? &tls_.context() : nullptr, surroundings_);
  co_await session.run();
}

Task<> Server::close() {
  listeners_.stopAccepting();
  draining_.request_stop();
  lastCall_.begin();
  co_await listeners_.drained();
  co_await lastCall_.close();
}

}  // namespace posthouse::pop3d
