#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "base/ascii.h"
#include "crypto/digest.h"
#include "net/channel_bindings.h"
#include "net/client_sessions.h"

namespace posthouse::net {

struct TlsContext::Parts {
  using Context = std::shared_ptr<SSL_CTX>;

  Context first;                         // for whoever names no host that is known
  std::map<std::string, Context> named;  // by host, or by ".example.org" for "*.example.org"
  std::shared_ptr<TicketKeys> tickets;   // a server's
  ClientAuthorities clients;             // a server's
  ClientSessions sessions;               // a client's
  OnTlsHandshake onHandshake;

  SSL_CTX* forName(std::string_view name) const;
  /// server_name, RFC 6066 §3.
  static int onServerName(SSL* ssl, int*, void* parts);
};

namespace {

std::shared_ptr<SSL_CTX> newContext(const SSL_METHOD* method) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) throw std::runtime_error("cannot make a TLS context: " + lastTlsError());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  // Idle connections give their record buffers back (measured: 15 KiB a connection instead of 25).
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // Sessions are resumed by tickets; a cache here would only grow.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

/// Shows certificates that have different kinds of keys: OpenSSL takes the one that the client can check.
std::shared_ptr<SSL_CTX> serverContext(const std::vector<const TlsCertificate*>& shown, const TlsServerOptions& options,
                                       TicketKeys& tickets) {
  auto context = newContext(TLS_server_method());
  if (options.onlyTls13) SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  if (SSL_CTX_set_cipher_list(context.get(), options.ciphers.c_str()) != 1)
    throw std::runtime_error("no cipher of TLS 1.2 is in \"" + options.ciphers + "\"");
  if (SSL_CTX_set_ciphersuites(context.get(), options.cipherSuites.c_str()) != 1)
    throw std::runtime_error("\"" + options.cipherSuites + "\" are no cipher suites of TLS 1.3");
  // A client that would rather have ChaCha20 has no hardware for AES.
  SSL_CTX_set_options(context.get(), SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  for (const TlsCertificate* certificate : shown) certificate->showIn(context.get());
  // The same everywhere: tickets outlive certificates and processes.
  constexpr std::string_view kSessions = "posthouse";
  SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>(kSessions.data()),
                                 kSessions.size());
  tickets.useIn(context.get());
  noteEndPointInTickets(*context);
  options.clients.judgeIn(context.get());
  return context;
}

/// "*.example.org" as it is looked for: ".example.org".
std::string keyOf(const std::string& name) {
  return name.starts_with("*.") ? name.substr(1) : name;
}

}  // namespace

SSL_CTX* TlsContext::Parts::forName(std::string_view name) const {
  std::string host = ascii::toLower(name);
  if (host.ends_with('.')) host.pop_back();
  auto found = named.find(host);
  if (found == named.end()) {
    const std::size_t dot = host.find('.');  // a wildcard stands for one label (RFC 6125 §6.4.3)
    if (dot != std::string::npos) found = named.find(host.substr(dot));
  }
  return found == named.end() ? first.get() : found->second.get();
}

int TlsContext::Parts::onServerName(SSL* ssl, int*, void* parts) {
  const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
  if (name == nullptr) return SSL_TLSEXT_ERR_NOACK;
  SSL_set_SSL_CTX(ssl, static_cast<const Parts*>(parts)->forName(name));
  return SSL_TLSEXT_ERR_OK;
}

TlsContext TlsContext::server(const std::vector<TlsCertificate>& certificates, const TlsServerOptions& options) {
  auto parts = std::make_shared<Parts>();
  parts->tickets = options.tickets ? options.tickets : std::make_shared<TicketKeys>();
  parts->clients = options.clients;
  parts->onHandshake = options.onHandshake;
  using Shown = std::vector<const TlsCertificate*>;
  std::map<std::string, Shown> byName;
  for (const TlsCertificate& certificate : certificates) {
    for (const std::string& name : certificate.names()) {
      Shown& shown = byName[keyOf(name)];
      const bool isNew = std::ranges::none_of(
          shown, [&](const TlsCertificate* other) { return other->keyKind() == certificate.keyKind(); });
      if (isNew) shown.push_back(&certificate);
    }
  }
  const TlsCertificate& first = certificates.at(0);
  std::map<Shown, Parts::Context> contexts;  // one for all names that show the same
  const auto showing = [&](const Shown& shown) {
    Parts::Context& context = contexts[shown];
    if (!context) context = serverContext(shown, options, *parts->tickets);
    return context;
  };
  parts->first = showing(first.names().empty() ? Shown{&first} : byName.at(keyOf(first.names().front())));
  for (const auto& [name, shown] : byName) parts->named[name] = showing(shown);
  SSL_CTX_set_tlsext_servername_callback(parts->first.get(), Parts::onServerName);
  SSL_CTX_set_tlsext_servername_arg(parts->first.get(), parts.get());
  return TlsContext(std::move(parts));
}

TlsContext TlsContext::server(const std::string& certificateFile, const std::string& keyFile) {
  return server({TlsCertificate::load(certificateFile, keyFile)});
}

TlsContext TlsContext::client(Verify verify, const std::string& authorityFile, OnTlsHandshake onHandshake) {
  auto parts = std::make_shared<Parts>();
  parts->onHandshake = std::move(onHandshake);
  parts->first = newContext(TLS_client_method());
  SSL_CTX* context = parts->first.get();
  parts->sessions.useIn(context);
  if (verify == Verify::serverName) {
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    const bool loaded = authorityFile.empty()
                            ? SSL_CTX_set_default_verify_paths(context) == 1
                            : SSL_CTX_load_verify_locations(context, authorityFile.c_str(), nullptr) == 1;
    if (!loaded) {
      throw std::runtime_error("cannot use the trusted authorities " + authorityFile + ": " + lastTlsError());
    }
  }
  return TlsContext(std::move(parts));
}

TlsContext TlsContext::asking(ClientCertificates asked) const {
  TlsContext context = *this;
  context.asked_ = asked;
  return context;
}

ssl_ctx_st* TlsContext::get() const noexcept {
  return parts_->first.get();
}

/// A session that is resumed keeps the certificate and the verdict on it, and is asked for nothing. So it goes on only
/// where the same is asked, and the same authorities are trusted with the same revocations, as where it began.
///
/// The request names no authorities: many clients would not show a certificate of another then, and it may be
/// registered.
void TlsContext::askForCertificate(ssl_st* connection) const {
  constexpr long kMaxChain = 32 * 1024;  // octets, which stay with the connection
  if (asked_ == ClientCertificates::off) return;
  const bool isRequired = asked_ == ClientCertificates::require;
  SSL_set_verify(connection, SSL_VERIFY_PEER | (isRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0), nullptr);
  SSL_set_max_cert_list(connection, kMaxChain);
  const crypto::Digest sessions =
      crypto::sha256((isRequired ? "posthouse require " : "posthouse request ") + parts_->clients.digest());
  static_assert(sizeof sessions.octets <= SSL_MAX_SID_CTX_LENGTH);
  SSL_set_session_id_context(connection, sessions.octets.data(), sessions.octets.size());
}

void TlsContext::offerSession(ssl_st* connection, const std::string& host) const {
  parts_->sessions.offer(connection, host);
}

void TlsContext::handshakeEnded(const TlsHandshake& handshake) const {
  if (parts_->onHandshake) parts_->onHandshake(handshake);
}

}  // namespace posthouse::net
