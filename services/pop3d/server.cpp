#include "server.h"

#include <utility>

#include "crypto/random.h"
#include "sasl/timestamp.h"

namespace posthouse::pop3d {

Server::Server(net::Loop& loop, const Config& config, const daemon::ServerTls& tls, login::Authenticator& authenticator,
               login::OpenSessions& openSessions, MailStore& store, Leases& leases, Metrics& metrics,
               const observe::Log& log, prometheus::Registry& registry)
    : tls_(tls),
      lastCall_(loop, config.drainPatience),
      readAhead_(config.readAheadMemory),
      releases_(loop, store, config.session.releaseGather),
      surroundings_{.loop = loop,
                    .config = config.session,
                    .authenticator = authenticator,
                    .store = store,
                    .metrics = metrics,
                    .log = log,
                    .draining = draining_.get_token(),
                    .stopping = lastCall_.token(),
                    .accounts = accounts_,
                    .openSessions = openSessions,
                    .readAhead = readAhead_,
                    .leases = leases,
                    .releases = releases_},
      listeners_(loop, tls, config.session.clients, log, registry) {
  for (const ListenerConfig& listener : config.listeners) {
    listeners_.open(
        listener.socket, listener.kpop ? "" : "-ERR [SYS/TEMP] Too many connections, try again later\r\n",
        [this, &listener](std::unique_ptr<net::ByteStream> client) { return serve(std::move(client), listener); });
  }
}

Task<> Server::serve(std::unique_ptr<net::ByteStream> client, const ListenerConfig& listener) {
  const daemon::ListenerConfig& socket = listener.socket;
  const bool offersTls = !listener.kpop && socket.tls == daemon::ListenerConfig::Tls::starttls && tls_.isConfigured();
  std::string timestamp;
  if (listener.apop)
    timestamp = sasl::timestamp(crypto::randomToken(), std::chrono::system_clock::now(), surroundings_.config.hostname);
  Session session(std::move(client), offersTls ? &tls_.context(socket.clientCertificates) : nullptr, surroundings_,
                  std::move(timestamp), listener.mailbox, listener.kpop);
  co_await session.run();
}

Task<> Server::close() {
  listeners_.stopAccepting();
  draining_.request_stop();
  lastCall_.begin();
  co_await listeners_.drained();
  co_await lastCall_.close();
  co_await readAhead_.tasks.drained();
}

}  // namespace posthouse::pop3d
