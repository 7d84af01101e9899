#include "server.h"

#include "crypto/random.h"
#include "session.h"

namespace posthouse::imapd {

Server::Server(Services& services, const daemon::ServerTls& tls, daemon::LastCall& lastCall,
               prometheus::Registry& registry)
    : services_(services),
      tls_(tls),
      lastCall_(lastCall),
      listeners_(services.loop, tls, services.config.clients, services.log, registry) {
  for (const auto& listener : services.config.listeners) {
    listeners_.open(
        listener, "* BYE [LIMIT] Too many connections\r\n",
        [this, &listener](std::unique_ptr<net::ByteStream> client) { return serve(std::move(client), listener); });
  }
}

Task<> Server::serve(std::unique_ptr<net::ByteStream> client, const daemon::ListenerConfig& listener) {
  constexpr std::size_t kIdOctets = 9;
  const bool offersTls = listener.tls == daemon::ListenerConfig::Tls::starttls && tls_.isConfigured();
  Session session(std::move(client), services_, offersTls ? &tls_.context(listener.clientCertificates) : nullptr,
                  crypto::randomToken(kIdOctets), stop_.token());
  co_await session.run();
}

Task<> Server::close() {
  listeners_.stopAccepting();
  lastCall_.begin();
  co_await stop_.request(services_.loop, [this] { return listeners_.sessions(); }, services_.config.drainSpread);
  co_await listeners_.drained();
  co_await lastCall_.close();
}

}  // namespace posthouse::imapd
