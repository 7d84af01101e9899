#include "db/answer.h"

#include <libpq-fe.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <cerrno>

#include "db/connection.h"

namespace posthouse::db {
namespace {

using Clock = std::chrono::steady_clock;

/// What poll takes: -1 waits for ever.
int millisecondsUntil(Clock::time_point deadline) {
  if (deadline == Clock::time_point::max()) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::max<std::chrono::milliseconds::rep>(0, left.count()));
}

/// Octets that OpenSSL has read already: poll does not see them.
bool hasDecrypted(PGconn* connection) {
  const auto* tls = static_cast<const SSL*>(PQsslStruct(connection, "OpenSSL"));
  return tls && SSL_pending(tls) > 0;
}

void awaitSocket(PGconn* connection, short events, Clock::time_point deadline) {
  pollfd socket{.fd = PQsocket(connection), .events = events, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&socket, 1, millisecondsUntil(deadline));
  } while (ready < 0 && errno == EINTR);
  if (ready == 0) throw NoAnswer("PostgreSQL did not answer in time");
}

/// Until PQgetResult has something to say without waiting for it.
void awaitResult(PGconn* connection, Clock::time_point deadline) {
  for (;;) {
    const int unsent = PQflush(connection);
    if (unsent < 0) throw ConnectionLost(PQerrorMessage(connection));
    if (unsent == 0 && !PQisBusy(connection)) return;
    // What the server says meanwhile is read even while it takes nothing: it may be why.
    if (!hasDecrypted(connection))
      awaitSocket(connection, unsent == 0 ? POLLIN : static_cast<short>(POLLIN | POLLOUT), deadline);
    if (!PQconsumeInput(connection)) throw ConnectionLost(PQerrorMessage(connection));
  }
}

}  // namespace

Rows awaitAnswer(PGconn* connection, std::chrono::milliseconds patience) {
  const auto deadline = patience.count() > 0 ? Clock::now() + patience : Clock::time_point::max();
  Rows last(nullptr);
  for (;;) {
    awaitResult(connection, deadline);
    PGresult* next = PQgetResult(connection);
    if (!next) return last;
    last = Rows(next);
  }
}

}  // namespace posthouse::db
