#pragma once
#include <openssl/types.h>

#include <optional>
#include <string>

#include "crypto/client_certificate.h"

namespace posthouse::net {

/// The certificate that the other end of a TLS connection has shown, in this connection or in the one that it resumes;
/// it has proved to hold the key.
struct PeerCertificate {
  crypto::ClientCertificate says;
  std::string objection;   // why it leads to no trusted authority, in OpenSSL's words; empty: it does
  bool isRevoked = false;  // by one of these authorities

  bool isTrusted() const noexcept { return objection.empty(); }
};

/// Of a connection whose handshake is over; nothing if none was shown.
std::optional<PeerCertificate> peerCertificateOf(SSL& connection);

}  // namespace posthouse::net
