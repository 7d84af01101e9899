#include "server.h"

#include <utility>

namespace posthouse::pop3d {

Server::Server(net::Loop& loop, const Config& config, const daemon::ServerTls& tls, Authenticator& authenticator,
               MailStore& store, Metrics& metrics, const observe::Log& log, prometheus::Registry& registry)
    : loop_(loop),
      config_(config),
      tls_(tls),
      surroundings_{.loop = loop,
                    .config = config.session,
                    .authenticator = authenticator,
                    .store = store,
                    .metrics = metrics,
                    .log = log,
                    .draining = draining_.get_token(),
                    .stopping = stopping_.get_token(),
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
  timers_.spawn(stopLater());
  co_await listeners_.drained();
  ended_.request_stop();
  co_await timers_.drained();
}

Task<> Server::stopLater() {
  try {
    co_await loop_.sleep(config_.drainPatience, ended_.get_token());
  } catch (const net::Interrupted&) {
    co_return;  // the last session has ended
  }
  stopping_.request_stop();
}

}  // namespace posthouse::pop3d
