#pragma once
#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;

namespace posthouse::net {

/// The TLS sessions that servers gave us, to resume them at the next visit: the newest of each host, of the last
/// thousand.
class ClientSessions {
 public:
  ClientSessions() = default;
  ClientSessions(const ClientSessions&) = delete;
  ClientSessions& operator=(const ClientSessions&) = delete;

  /// Makes a client's context keep what it is given here; this must outlive it.
  void useIn(ssl_ctx_st* context);
  /// Offers the server what it gave us, if it did. A ticket of TLS 1.3 is shown once (RFC 8446 §C.4).
  void offer(ssl_st* connection, const std::string& host);

 private:
  using Session = std::shared_ptr<ssl_session_st>;
  using Known = std::list<std::pair<std::string, Session>>;  // the oldest first

  static int onNew(ssl_st* connection, ssl_session_st* session);
  void keep(const std::string& host, Session session);
  void drop(std::map<std::string, Known::iterator>::iterator host);

  Known known_;
  std::map<std::string, Known::iterator> byHost_;
};

}  // namespace posthouse::net
