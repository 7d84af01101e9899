#include "net/client_sessions.h"

#include <openssl/ssl.h>

namespace posthouse::net {

void ClientSessions::useIn(ssl_ctx_st* context) {
  SSL_CTX_set_app_data(context, this);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(context, onNew);
}

int ClientSessions::onNew(ssl_st* connection, ssl_session_st* session) {
  constexpr int kOurs = 1;
  constexpr int kNotKept = 0;
  const char* host = SSL_get_servername(connection, TLSEXT_NAMETYPE_host_name);
  if (host == nullptr) return kNotKept;
  auto* sessions = static_cast<ClientSessions*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(connection)));
  sessions->keep(host, Session(session, SSL_SESSION_free));
  return kOurs;
}

void ClientSessions::keep(const std::string& host, Session session) {
  constexpr std::size_t kMost = 1000;
  if (const auto before = byHost_.find(host); before != byHost_.end()) drop(before);
  byHost_[host] = known_.emplace(known_.end(), host, std::move(session));
  if (known_.size() > kMost) drop(byHost_.find(known_.front().first));
}

void ClientSessions::drop(std::map<std::string, Known::iterator>::iterator host) {
  known_.erase(host->second);
  byHost_.erase(host);
}

void ClientSessions::offer(ssl_st* connection, const std::string& host) {
  const auto found = byHost_.find(host);
  if (found == byHost_.end()) return;
  const Session session = found->second->second;
  SSL_set_session(connection, session.get());
  if (SSL_SESSION_get_protocol_version(session.get()) == TLS1_3_VERSION) drop(found);
}

}  // namespace posthouse::net
