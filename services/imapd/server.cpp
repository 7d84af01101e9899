#include "server.h"

#include "crypto/random.h"
#include "session.h"

namespace posthouse::imapd {

class Server::Place {
 public:
  Place(std::map<std::string, std::size_t>& byAddress, std::string address)
      : byAddress_(byAddress), address_(std::move(address)) {
    ++byAddress_[address_];
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() {
    if (--byAddress_[address_] == 0) byAddress_.erase(address_);
  }
  std::size_t count() const { return byAddress_.at(address_); }

 private:
  std::map<std::string, std::size_t>& byAddress_;
  std::string address_;
};

Server::Server(Services& services, const daemon::ServerTls& tls, prometheus::Registry& registry)
    : services_(services), tls_(tls), listeners_(services.loop, tls, services.log, registry) {
  for (const auto& listener : services.config.listeners) {
    listeners_.open(listener, [this, kind = listener.tls](std::unique_ptr<net::ByteStream> client) {
      return serve(std::move(client), kind);
    });
  }
}

Task<> Server::serve(std::unique_ptr<net::ByteStream> client, daemon::ListenerConfig::Tls tls) {
  constexpr std::size_t kIdOctets = 9;
  const auto& config = services_.config;
  const Place place(byAddress_, client->peer().host);
  const bool isLimited = !config.clients.isExempt(client->peer());
  if (isLimited && (place.count() > config.maxConnectionsPerAddress || listeners_.sessions() > config.maxConnections)) {
    services_.metrics.bye(Farewell::refused).Increment();
    co_await client->write("* BYE [LIMIT] Too many connections\r\n", std::chrono::seconds(5));
    co_return;
  }
  const bool offersTls = tls == daemon::ListenerConfig::Tls::starttls && tls_.isConfigured();
  Session session(std::move(client), services_, offersTls ? &tls_.context() : nullptr, crypto::randomToken(kIdOctets),
                  stop_.get_token());
  co_await session.run();
}

Task<> Server::close() {
  listeners_.stopAccepting();
  stop_.request_stop();
  co_await listeners_.drained();
}

}  // namespace posthouse::imapd
