#include "net/peer_certificate.h"

#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

namespace posthouse::net {

std::optional<PeerCertificate> peerCertificateOf(SSL& connection) {
  X509* shown = SSL_is_init_finished(&connection) == 1 ? SSL_get0_peer_certificate(&connection) : nullptr;
  if (shown == nullptr) return std::nullopt;
  auto says = crypto::ClientCertificate::of(*shown);
  if (!says) return std::nullopt;
  const long verdict = SSL_get_verify_result(&connection);
  return PeerCertificate{.says = *std::move(says),
                         .objection = verdict == X509_V_OK ? "" : X509_verify_cert_error_string(verdict),
                         .isRevoked = verdict == X509_V_ERR_CERT_REVOKED};
}

}  // namespace posthouse::net
