#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "async/task_group.h"
#include "daemon/admission.h"
#include "daemon/listener_config.h"
#include "daemon/listener_metrics.h"
#include "daemon/server_tls.h"
#include "net/byte_stream.h"
#include "net/loop.h"
#include "net/tcp_listener.h"
#include "observe/log.h"

namespace posthouse::daemon {

/// Accepts clients on a program's listeners and runs a task for each: reads the PROXY header and does the TLS handshake
/// where the listener wants them. Who is one too many is told so and let go.
class Listeners {
 public:
  /// Serves one client to its end. Exceptions that tell of a lost client are expected; others are logged as session
  /// failures.
  using Serve = std::function<Task<>(std::unique_ptr<net::ByteStream> client)>;

  /// `proxyPatience`: for a PROXY header.
  Listeners(net::Loop& loop, const ServerTls& tls, const ClientPolicy& policy, const observe::Log& log,
            prometheus::Registry& registry, std::chrono::milliseconds proxyPatience = std::chrono::seconds(3));
  ~Listeners();
  Listeners(const Listeners&) = delete;
  Listeners& operator=(const Listeners&) = delete;

  /// Listens at once; throws std::runtime_error that names the address, or that implicit TLS lacks a certificate.
  /// `tooMany`: the line of the protocol that sends somebody away because there are too many.
  void open(const ListenerConfig& config, std::string tooMany, Serve serve);

  /// Where the listener really listens (its port may have been 0).
  const net::Address& address(std::string_view name) const;

  std::size_t sessions() const noexcept { return sessions_.size(); }

  /// For readiness: why nobody more can be taken, if so.
  std::optional<std::string> objection() const;

  /// Takes no new clients, and lets go those whose handshake is not over.
  void stopAccepting();
  /// Returns when the last session has ended. What makes them end is the program's affair.
  Task<> drained() { return sessions_.drained(); }

 private:
  struct Open;
  Task<> run(std::unique_ptr<net::ByteStream> client, Open& listener);
  Task<> welcome(std::unique_ptr<net::ByteStream> client, Open& listener);
  Task<std::unique_ptr<net::ByteStream>> unproxied(std::unique_ptr<net::ByteStream> client, const Open& listener);
  Task<std::unique_ptr<net::ByteStream>> secured(std::unique_ptr<net::ByteStream> client, const Open& listener,
                                                 std::chrono::milliseconds patience);
  Task<> sendAway(std::unique_ptr<net::ByteStream> client, Open& listener, Admission::Verdict why);
  void starved(Open& listener, const std::string& reason);

  net::Loop& loop_;
  const ServerTls& tls_;
  const observe::Log& log_;
  ListenerMetrics metrics_;
  Admission admission_;
  std::chrono::milliseconds proxyPatience_;
  std::chrono::milliseconds silence_;
  std::size_t courtesies_ = 0;  // who are being told why they must go
  std::vector<std::unique_ptr<Open>> open_;
  std::stop_source arriving_;  // pulled when no more are taken: nobody waits for who has not got as far as a session
  TaskGroup sessions_;
};

}  // namespace posthouse::daemon
