#include "daemon/listeners.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>

#include "base/cursor.h"
#include "net/hang_up.h"
#include "net/proxy_protocol.h"
#include "net/tls_stream.h"
#include "observe/seldom.h"

namespace posthouse::daemon {

namespace {

using namespace std::chrono_literals;
constexpr auto kHandshakePatience = 30s;
constexpr auto kCourtesyPatience = 5s;       // for somebody who is sent away
constexpr std::size_t kMostCourtesies = 64;  // at a time; the others are let go without a word

std::size_t descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace

struct Listeners::Open {
  ListenerConfig config;
  std::string tooMany;
  Serve serve;
  ListenerSeries series;
  std::size_t clients = 0;  // that limits apply to
  observe::Seldom aboutRejected = {};
  observe::Seldom aboutStarved = {};
  std::unique_ptr<net::TcpListener> socket = {};
};

Listeners::Listeners(net::Loop& loop, const ServerTls& tls, const ClientPolicy& policy, const observe::Log& log,
                     prometheus::Registry& registry, std::chrono::milliseconds proxyPatience)
    : loop_(loop),
      tls_(tls),
      log_(log),
      metrics_(registry),
      admission_(policy, Admission::clientsFor(descriptors())),
      proxyPatience_(proxyPatience),
      silence_(policy.limits.silence) {}

Listeners::~Listeners() = default;

void Listeners::open(const ListenerConfig& config, std::string tooMany, Serve serve) {
  const bool isImplicit = config.tls == ListenerConfig::Tls::implicit;
  if (isImplicit && !tls_.isConfigured()) {
    throw std::runtime_error(
        fmt::format("listener {} wants TLS, but tls.certificate and tls.key are not set", config.name));
  }
  auto listener = std::make_unique<Open>(Open{.config = config,
                                              .tooMany = std::move(tooMany),
                                              .serve = std::move(serve),
                                              .series = metrics_.of(config.name, isImplicit)});
  Open& opened = *listener;
  opened.socket = std::make_unique<net::TcpListener>(
      loop_, config.address,
      [this, &opened](std::unique_ptr<net::ByteStream> client) {
        opened.series.accepted.Increment();
        sessions_.spawn(run(std::move(client), opened));
      },
      [this, &opened](const std::string& reason) { starved(opened, reason); }, &opened.series.traffic, silence_);
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
  arriving_.request_stop();
  for (const auto& listener : open_) listener->socket.reset();
}

std::optional<std::string> Listeners::objection() const {
  const bool isStarved = std::ranges::any_of(
      open_, [](const auto& listener) { return listener->socket && listener->socket->isStarved(); });
  if (isStarved || admission_.isFull()) return "no descriptors are left for more clients";
  return std::nullopt;
}

void Listeners::starved(Open& listener, const std::string& reason) {
  listener.series.starved.Increment();
  if (!listener.aboutStarved.isDue()) return;
  log_.error("listener.starved", "nobody can be taken now; who comes waits",
             {{"listener", listener.config.name}, {"error", reason}, {"clients", admission_.clients()}});
}

Task<std::unique_ptr<net::ByteStream>> Listeners::unproxied(std::unique_ptr<net::ByteStream> client,
                                                            const Open& listener) {
  const auto& trusted = listener.config.proxyTrusted;
  const bool isTrusted =
      std::ranges::any_of(trusted, [&](const net::Network& network) { return network.contains(client->peer()); });
  if (!isTrusted) {
    listener.series.rejectedProxy.Increment();
    throw net::ConnectionLost(client->peer().text() + " is no trusted proxy");
  }
  try {
    co_return co_await net::acceptProxied(std::move(client), {proxyPatience_, arriving_.get_token()});
  } catch (const SyntaxError& error) {
    listener.series.rejectedProxy.Increment();
    throw net::ConnectionLost(error.what());
  } catch (const net::ConnectionLost&) {
    listener.series.rejectedProxy.Increment();
    throw;
  } catch (const net::Interrupted& interrupted) {
    if (interrupted.why == net::Interrupt::timeout) listener.series.rejectedProxy.Increment();
    throw;
  }
}

Task<std::unique_ptr<net::ByteStream>> Listeners::secured(std::unique_ptr<net::ByteStream> client, const Open& listener,
                                                          std::chrono::milliseconds patience) {
  auto stream = net::TlsStream::server(std::move(client), tls_.context(listener.config.clientCertificates));
  co_await stream->handshake({patience, arriving_.get_token()});
  co_return stream;
}

/// In the words of the protocol, as long as not too many have to be told.
Task<> Listeners::sendAway(std::unique_ptr<net::ByteStream> client, Open& listener, Admission::Verdict why) {
  listener.series.rejected[static_cast<std::size_t>(why)]->Increment();
  if (listener.aboutRejected.isDue()) {
    log_.warn("connection.rejected", "a client is one too many",
              {{"listener", listener.config.name},
               {"remote_ip", client->peer().host},
               {"reason", reasonOf(why)},
               {"not_logged", listener.aboutRejected.takeSilent()}});
  }
  if (courtesies_ >= kMostCourtesies) co_return;
  struct Courtesy {
    std::size_t& count;
    ~Courtesy() { --count; }
  } const courtesy{++courtesies_};
  if (listener.config.tls == ListenerConfig::Tls::implicit) {
    client = co_await secured(std::move(client), listener, kCourtesyPatience);
  }
  co_await client->write(listener.tooMany, {kCourtesyPatience, arriving_.get_token()});
  co_await net::hangUp(*client);
}

Task<> Listeners::welcome(std::unique_ptr<net::ByteStream> client, Open& listener) {
  Admission::Place place(admission_, listener.clients);
  using enum Admission::Verdict;
  if (const auto verdict = place.hasDescriptor(); verdict != admitted) {
    co_return co_await sendAway(std::move(client), listener, verdict);
  }
  if (listener.config.proxyProtocol) client = co_await unproxied(std::move(client), listener);
  if (net::isPrivate(client->peer())) listener.series.fromInside.Increment();
  if (const auto verdict = place.judge(client->peer()); verdict != admitted) {
    co_return co_await sendAway(std::move(client), listener, verdict);
  }
  if (listener.config.tls == ListenerConfig::Tls::implicit) {
    client = co_await secured(std::move(client), listener, kHandshakePatience);
  }
  co_await listener.serve(std::move(client));
}

Task<> Listeners::run(std::unique_ptr<net::ByteStream> client, Open& listener) {
  const auto start = std::chrono::steady_clock::now();
  const std::string peer = client->peer().host;
  listener.series.active.Increment();
  try {
    co_await welcome(std::move(client), listener);
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
  listener.series.active.Decrement();
  listener.series.duration.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

}  // namespace posthouse::daemon
