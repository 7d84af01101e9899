#include "daemon/listeners.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>

#include "base/cursor.h"
#include "daemon/client_policy.h"
#include "net/hang_up.h"
#include "net/proxy_protocol.h"
#include "net/tls_stream.h"
#include "observe/buckets.h"

namespace posthouse::daemon {

namespace {

using namespace std::chrono_literals;
constexpr auto kHandshakePatience = 30s;
constexpr auto kCourtesyPatience = 5s;       // for somebody who is sent away
constexpr std::size_t kMostCourtesies = 64;  // at a time; the others are let go without a word
constexpr auto kLogInterval = 10s;           // of what may happen a thousand times a second

std::size_t descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

/// Of no use outside of its own network: RFC 1918, RFC 4193, link-local, loopback.
bool isPrivate(const net::Address& address) {
  static const std::vector<net::Network> kPrivate = [] {
    std::vector<net::Network> networks;
    for (const char* text : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8",
                             "fc00::/7", "fe80::/10", "::1/128"}) {
      networks.push_back(net::Network::parse(text).value());
    }
    return networks;
  }();
  return std::ranges::any_of(kPrivate, [&](const net::Network& network) { return network.contains(address); });
}

const char* reasonOf(Admission::Verdict why) {
  switch (why) {
    case Admission::Verdict::limit:
      return "limit";
    case Admission::Verdict::address:
      return "address";
    case Admission::Verdict::descriptors:
      return "descriptors";
    case Admission::Verdict::admitted:
      break;
  }
  return "";
}

/// Says yes once an interval, and how often it said no since.
class Seldom {
 public:
  bool isDue() {
    const auto now = std::chrono::steady_clock::now();
    if (saidAt_ && now - *saidAt_ < kLogInterval) {
      ++silent_;
      return false;
    }
    saidAt_ = now;
    return true;
  }
  std::size_t takeSilent() { return std::exchange(silent_, 0); }

 private:
  std::optional<std::chrono::steady_clock::time_point> saidAt_;
  std::size_t silent_ = 0;
};

class CountedTraffic final : public net::Traffic {
 public:
  CountedTraffic(prometheus::Family<prometheus::Counter>& octets, const std::string& listener)
      : received_(octets.Add({{"listener", listener}, {"direction", "in"}})),
        sent_(octets.Add({{"listener", listener}, {"direction", "out"}})) {}
  void received(std::size_t octets) override { received_.Increment(static_cast<double>(octets)); }
  void sent(std::size_t octets) override { sent_.Increment(static_cast<double>(octets)); }

 private:
  prometheus::Counter& received_;
  prometheus::Counter& sent_;
};

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
  std::string tooMany;
  Serve serve;
  prometheus::Gauge& active;
  prometheus::Counter& accepted;
  prometheus::Counter& rejectedProxy;
  std::array<prometheus::Counter*, 4> rejected;  // by verdict
  prometheus::Histogram& duration;
  prometheus::Counter& starved;
  prometheus::Counter& fromInside;
  CountedTraffic traffic;
  std::size_t clients = 0;  // that limits apply to
  Seldom aboutRejected = {};
  Seldom aboutStarved = {};
  std::unique_ptr<net::TcpListener> socket = {};
};

Listeners::Listeners(net::Loop& loop, const ServerTls& tls, const ClientPolicy& policy, const observe::Log& log,
                     prometheus::Registry& registry, std::chrono::milliseconds proxyPatience)
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
                    .Register(registry)),
      starved_(prometheus::BuildCounter()
                   .Name("posthouse_accept_failures_total")
                   .Help("Tries to accept a connection that failed for want of descriptors or memory.")
                   .Register(registry)),
      fromInside_(
          prometheus::BuildCounter()
              .Name("posthouse_client_address_private_total")
              .Help("Connections whose client has a private address; if all do, something in front hides who they are.")
              .Register(registry)),
      octets_(prometheus::BuildCounter()
                  .Name("posthouse_bytes_total")
                  .Help("Octets on client connections, TLS included.")
                  .Register(registry)),
      admission_(policy, Admission::clientsFor(descriptors())),
      proxyPatience_(proxyPatience) {}

Listeners::~Listeners() = default;

void Listeners::open(const ListenerConfig& config, std::string tooMany, Serve serve) {
  const bool isImplicit = config.tls == ListenerConfig::Tls::implicit;
  if (isImplicit && !tls_.isConfigured()) {
    throw std::runtime_error(
        fmt::format("listener {} wants TLS, but tls.certificate and tls.key are not set", config.name));
  }
  const prometheus::Labels name{{"listener", config.name}};
  const auto rejected = [&](const char* reason) {
    return &rejected_.Add({{"listener", config.name}, {"reason", reason}});
  };
  auto listener = std::make_unique<Open>(
      Open{.config = config,
           .tooMany = std::move(tooMany),
           .serve = std::move(serve),
           .active = active_.Add({{"listener", config.name}, {"tls", isImplicit ? "1" : "0"}}),
           .accepted = accepted_.Add(name),
           .rejectedProxy = *rejected("proxy_header"),
           .rejected = {nullptr, rejected("limit"), rejected("address"), rejected("descriptors")},
           .duration = duration_.Add(name, observe::ageBuckets()),
           .starved = starved_.Add(name),
           .fromInside = fromInside_.Add(name),
           .traffic = CountedTraffic(octets_, config.name)});
  Open& opened = *listener;
  opened.socket = std::make_unique<net::TcpListener>(
      loop_, config.address,
      [this, &opened](std::unique_ptr<net::ByteStream> client) {
        opened.accepted.Increment();
        sessions_.spawn(run(std::move(client), opened));
      },
      [this, &opened](const std::string& reason) { starved(opened, reason); }, &opened.traffic);
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
  listener.starved.Increment();
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
    listener.rejectedProxy.Increment();
    throw net::ConnectionLost(client->peer().text() + " is no trusted proxy");
  }
  try {
    co_return co_await net::acceptProxied(std::move(client), {proxyPatience_, arriving_.get_token()});
  } catch (const SyntaxError& error) {
    listener.rejectedProxy.Increment();
    throw net::ConnectionLost(error.what());
  } catch (const net::ConnectionLost&) {
    listener.rejectedProxy.Increment();
    throw;
  } catch (const net::Interrupted& interrupted) {
    if (interrupted.why == net::Interrupt::timeout) listener.rejectedProxy.Increment();
    throw;
  }
}

Task<std::unique_ptr<net::ByteStream>> Listeners::secured(std::unique_ptr<net::ByteStream> client,
                                                          std::chrono::milliseconds patience) {
  auto stream = net::TlsStream::server(std::move(client), tls_.context());
  co_await stream->handshake({patience, arriving_.get_token()});
  co_return stream;
}

/// In the words of the protocol, as long as not too many have to be told.
Task<> Listeners::sendAway(std::unique_ptr<net::ByteStream> client, Open& listener, Admission::Verdict why) {
  listener.rejected[static_cast<std::size_t>(why)]->Increment();
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
    client = co_await secured(std::move(client), kCourtesyPatience);
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
  if (isPrivate(client->peer())) listener.fromInside.Increment();
  if (const auto verdict = place.judge(client->peer()); verdict != admitted) {
    co_return co_await sendAway(std::move(client), listener, verdict);
  }
  if (listener.config.tls == ListenerConfig::Tls::implicit) {
    client = co_await secured(std::move(client), kHandshakePatience);
  }
  co_await listener.serve(std::move(client));
}

Task<> Listeners::run(std::unique_ptr<net::ByteStream> client, Open& listener) {
  const auto start = std::chrono::steady_clock::now();
  const std::string peer = client->peer().host;
  listener.active.Increment();
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
  listener.active.Decrement();
  listener.duration.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
}

}  // namespace posthouse::daemon
