#include "daemon/listeners.h"

#include <fmt/core.h>

#include "base/cursor.h"
#include "daemon/client_policy.h"
#include "net/proxy_protocol.h"
#include "net/tls_stream.h"
#include "observe/buckets.h"

namespace posthouse::daemon {

namespace {

using namespace std::chrono_literals;
constexpr auto kProxyPatience = 3s;
constexpr auto kHandshakePatience = 30s;

}  // namespace

ListenerConfig ListenerConfig::from(config::Section& section) {
  ListenerConfig config;
  config.name = section.text("name");
  config.address = daemon::address(section, "address", "");
  const std::string tls = section.choice("tls", {"none", "starttls", "implicit"}, "none");
  config.tls = tls == "implicit" ? Tls::implicit : tls == "starttls" ? Tls::starttls : Tls::none;
  config.proxyProtocol = section.choice("proxy_protocol", {"off", "required"}, "off") == "required";
  config.proxyTrusted = networks(section, "proxy_trusted");
  if (config.proxyProtocol && config.proxyTrusted.empty()) {
    section.fail("proxy_trusted", "list the networks of your proxies: their word decides who the client is");
  }
  return config;
}

/// A listener and its series, looked up once.
struct Listeners::Open {
  ListenerConfig config;
  Serve serve;
  prometheus::Gauge& active;
  prometheus::Counter& accepted;
  prometheus::Counter& rejectedProxy;
  prometheus::Histogram& duration;
  std::unique_ptr<net::TcpListener> socket;
};

Listeners::Listeners(net::Loop& loop, const ServerTls& tls, const observe::Log& log, prometheus::Registry& registry)
    : loop_(loop),
      tls_(tls),
      log_(log),
      active_(prometheus::BuildGauge()
                  .Name("posthouse_connections_active")
                  .Help("Open client connections.")
                  .Register(registry)),
      accepted_(prometheus::BuildCounter()
                    .Name("posthouse_connections_total")
                    .Help("Accepted connections.")
                    .Register(registry)),
      rejected_(prometheus::BuildCounter()
                    .Name("posthouse_connections_rejected_total")
                    .Help("Connections refused before the greeting.")
                    .Register(registry)),
      duration_(prometheus::BuildHistogram()
                    .Name("posthouse_connection_duration_seconds")
                    .Help("Lifetime of a connection.")
                    .Register(registry)) {}

Listeners::~Listeners() = default;

void Listeners::open(const ListenerConfig& config, Serve serve) {
  const bool isImplicit = config.tls == ListenerConfig::Tls::implicit;
  if (isImplicit && !tls_.isConfigured()) {
    throw std::runtime_error(
        fmt::format("listener {} wants TLS, but tls.certificate and tls.key are not set", config.name));
  }
  const prometheus::Labels name{{"listener", config.name}};
  auto listener = std::make_unique<Open>(
      Open{config, std::move(serve), active_.Add({{"listener", config.name}, {"tls", isImplicit ? "1" : "0"}}),
           accepted_.Add(name), rejected_.Add({{"listener", config.name}, {"reason", "proxy_header"}}),
           duration_.Add(name, observe::ageBuckets()), nullptr});
  Open& opened = *listener;
  opened.socket = std::make_unique<net::TcpListener>(loop_, config.address,
                                                     [this, &opened](std::unique_ptr<net::ByteStream> client) {
                                                       opened.accepted.Increment();
                                                       sessions_.spawn(run(std::move(client), opened));
                                                     });
  open_.push_back(std::move(listener));
  log_.info("listener.open", "listening", {{"listener", config.name}, {"address", opened.socket->address().text()}});
}

const net::Address& Listeners::address(std::string_view name) const {
  const auto found =
      std::find_if(open_.begin(), open_.end(), [&](const auto& listener) { return listener->config.name == name; });
  if (found == open_.end()) throw std::invalid_argument("no listener by this name");
  return (*found)->socket->address();
}

void Listeners::stopAccepting() {
  for (const auto& listener : open_) listener->socket.reset();
}

Task<std::unique_ptr<net::ByteStream>> Listeners::prepare(std::unique_ptr<net::ByteStream> client,
                                                          const Open& listener) {
  if (listener.config.proxyProtocol) {
    const auto& trusted = listener.config.proxyTrusted;
    const bool isTrusted = std::any_of(trusted.begin(), trusted.end(),
                                       [&](const net::Network& network) { return network.contains(client->peer()); });
    if (!isTrusted) {
      listener.rejectedProxy.Increment();
      throw net::ConnectionLost(client->peer().text() + " is no trusted proxy");
    }
    try {
      client = co_await net::acceptProxied(std::move(client), kProxyPatience);
    } catch (const SyntaxError& error) {
      listener.rejectedProxy.Increment();
      throw net::ConnectionLost(error.what());
    }
  }
  if (listener.config.tls == ListenerConfig::Tls::implicit) {
    auto secured = net::TlsStream::server(std::move(client), tls_.context());
    co_await secured->handshake(kHandshakePatience);
    client = std::move(secured);
  }
  co_return client;
}

Task<> Listeners::run(std::unique_ptr<net::ByteStream> client, const Open& listener) {
  const auto start = std::chrono::steady_clock::now();
  const std::string peer = client->peer().host;
  listener.active.Increment();
  try {
    client = co_await prepare(std::move(client), listener);
    co_await listener.serve(std::move(client));
  } catch (const net::ConnectionLost& lost) {
    log_.debug("connection.lost", "the client has gone",
               {{"listener", listener.config.name}, {"remote_ip", peer}, {"error", lost.what()}});
  } catch (const net::Interrupted& interrupted) {
    log_.debug("connection.ended", "the wait for the client was ended",
               {{"listener", listener.config.name}, {"remote_ip", peer}, {"error", interrupted.what()}});
  } catch (const std::exception& error) {
    log_.error("session.failed", "a session ended by an error of ours",
               {{"listener", listener.config.name}, {"remote_ip", peer}, {"error", error.what()}});
  }
  listener.active.Decrement();
  listener.duration.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

}  // namespace posthouse::daemon
