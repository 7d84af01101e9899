#include "server.h"

#include <utility>

#include "crypto/random.h"

namespace posthouse::smtpd {

Server::Server(net::Loop& loop, daemon::Listeners& listeners, const Environment& environment, const observe::Log& log,
               std::chrono::milliseconds drainWindow)
    : listeners_(listeners),
      environment_(environment),
      log_(log),
      lastCall_(loop, daemon::LastCall::before(drainWindow)) {
  for (const ListenerConfig& listener : environment.config.listeners) {
    const smtp::Reply tooMany(421, "4.3.2 " + environment.config.hostname + " Too many connections, try again later");
    listeners_.open(listener.socket, tooMany.wire(), [this, &listener](std::unique_ptr<net::ByteStream> client) {
      return serve(std::move(client), listener);
    });
  }
}

Task<> Server::serve(std::unique_ptr<net::ByteStream> client, const ListenerConfig& listener) {
  Session session(std::move(client), listener, environment_, crypto::randomToken(9), log_, stop_.get_token(),
                  lastCall_.token());
  co_await session.run();
}

Task<> Server::close() {
  listeners_.stopAccepting();  // no new clients
  stop_.request_stop();        // 421 to each at its next command
  lastCall_.begin();
  co_await listeners_.drained();
  co_await lastCall_.close();
}

}  // namespace posthouse::smtpd
