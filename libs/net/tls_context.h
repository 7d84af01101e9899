#pragma once
#include <memory>
#include <string>
#include <vector>

#include "net/client_authorities.h"
#include "net/ticket_keys.h"
#include "net/tls_certificate.h"
#include "net/tls_handshake.h"

struct ssl_ctx_st;
struct ssl_st;

namespace posthouse::net {

/// Whether a server asks its clients for a certificate.
enum class ClientCertificates {
  off,
  request,  // shown or not, and of whomever: what it is worth is decided later
  require,  // one that leads to a trusted authority: without, the handshake fails
};

/// What a server speaks and to whom it says so.
struct TlsServerOptions {
  /// TLS 1.2: forward secrecy always; CBC last, for mail servers of an age that know nothing better.
  static constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:ECDHE+AES:!aNULL";
  static constexpr const char* kCipherSuites =
      "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256";

  bool onlyTls13 = false;                    // else 1.2 and 1.3
  std::string ciphers = kCiphers;            // of TLS 1.2, as OpenSSL lists them
  std::string cipherSuites = kCipherSuites;  // of TLS 1.3
  std::shared_ptr<TicketKeys> tickets = {};  // none: keys of its own
  ClientAuthorities clients = {};            // whom to trust about clients
  OnTlsHandshake onHandshake = {};
};

/// What a TLS endpoint is configured with: certificates and keys, or whom to trust. TLS 1.2 and 1.3. Cheap to copy;
/// connections keep the context they began with.
class TlsContext {
 public:
  /// A server's. A client that names a host (SNI) is shown the certificates for that name: of each kind of key the
  /// first in the list, an exact name before a wildcard; any other client those for the first name of the first
  /// certificate. Throws BadTlsFile, or std::runtime_error for ciphers that do not exist.
  static TlsContext server(const std::vector<TlsCertificate>& certificates, const TlsServerOptions& options = {});
  /// The same with one certificate, of PEM files.
  static TlsContext server(const std::string& certificateFile, const std::string& keyFile);

  enum class Verify {
    none,        // opportunistic TLS between mail servers (RFC 7435): any certificate
    serverName,  // a chain to a trusted authority, and the name that was asked for
  };
  /// A client's; it resumes sessions at hosts where it has been. `authorityFile` (PEM) replaces the system's trust
  /// store where it is not empty.
  static TlsContext client(Verify verify, const std::string& authorityFile = {}, OnTlsHandshake onHandshake = {});

  /// A server's: the same, whose clients are asked.
  TlsContext asking(ClientCertificates asked) const;

  /// What a connection begins with.
  ssl_ctx_st* get() const noexcept;
  /// A server's connection asks its client for a certificate, if it is to.
  void askForCertificate(ssl_st* connection) const;
  /// A client's connection offers to resume what it has of the host, if anything.
  void offerSession(ssl_st* connection, const std::string& host) const;
  /// Tells whoever wants to know of them.
  void handshakeEnded(const TlsHandshake& handshake) const;

 private:
  struct Parts;
  explicit TlsContext(std::shared_ptr<Parts> parts) : parts_(std::move(parts)) {}
  std::shared_ptr<Parts> parts_;
  ClientCertificates asked_ = ClientCertificates::off;
};

}  // namespace posthouse::net
