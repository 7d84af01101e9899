// tls-exporter, RFC 9266 §2, and tls-server-end-point, RFC 5929 §4.
#include "net/channel_bindings.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <optional>
#include <string_view>

namespace posthouse::net {
namespace {

std::optional<std::string> exporter(SSL& connection) {
  constexpr std::string_view kLabel = "EXPORTER-Channel-Binding";
  constexpr std::size_t kSize = 32;
  if (SSL_version(&connection) < TLS1_3_VERSION && SSL_get_extms_support(&connection) != 1) return std::nullopt;
  std::string octets(kSize, '\0');
  // An empty context, not none: they differ in TLS 1.2.
  if (SSL_export_keying_material(&connection, reinterpret_cast<unsigned char*>(octets.data()), octets.size(),
                                 kLabel.data(), kLabel.size(), reinterpret_cast<const unsigned char*>(""), 0, 1) != 1) {
    return std::nullopt;
  }
  return octets;
}

/// The hash of the certificate's own signature; SHA-256 where that would be MD5 or SHA-1. Nothing for a signature that
/// has no single hash (EdDSA): the type is undefined there.
const EVP_MD* hashOf(const X509& certificate) {
  int hash = NID_undef;
  if (X509_get_signature_info(const_cast<X509*>(&certificate), &hash, nullptr, nullptr, nullptr) != 1) return nullptr;
  if (hash == NID_md5 || hash == NID_sha1) return EVP_sha256();
  return hash == NID_undef ? nullptr : EVP_get_digestbynid(hash);
}

/// What the ticket of a resumed session says; nothing of one that an earlier program gave.
std::optional<std::string> notedEndPoint(SSL& connection) {
  if (!SSL_is_server(&connection) || SSL_session_reused(&connection) != 1) return std::nullopt;
  void* octets = nullptr;
  std::size_t size = 0;
  if (SSL_SESSION_get0_ticket_appdata(SSL_get_session(&connection), &octets, &size) != 1 || size == 0)
    return std::nullopt;
  return std::string(static_cast<const char*>(octets), size);
}

std::optional<std::string> serverEndPoint(SSL& connection) {
  if (auto noted = notedEndPoint(connection)) return noted;
  const X509* certificate =
      SSL_is_server(&connection) ? SSL_get_certificate(&connection) : SSL_get0_peer_certificate(&connection);
  if (certificate == nullptr) return std::nullopt;
  const EVP_MD* hash = hashOf(*certificate);
  std::array<unsigned char, EVP_MAX_MD_SIZE> octets;
  unsigned size = 0;
  if (hash == nullptr || X509_digest(certificate, hash, octets.data(), &size) != 1) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(octets.data()), size);
}

}  // namespace

void noteEndPointInTickets(SSL_CTX& context) {
  const auto note = [](SSL* connection, void*) {
    if (SSL_session_reused(connection) == 1) return 1;  // it is in the session
    const auto hash = serverEndPoint(*connection);
    if (!hash) return 1;
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(connection), hash->data(), hash->size());
  };
  SSL_CTX_set_session_ticket_cb(&context, note, nullptr, nullptr);
}

ChannelBindings channelBindingsOf(SSL& connection) {
  ChannelBindings bindings;
  if (!SSL_is_init_finished(&connection)) return bindings;
  if (auto octets = exporter(connection)) bindings["tls-exporter"] = *std::move(octets);
  if (auto octets = serverEndPoint(connection)) bindings["tls-server-end-point"] = *std::move(octets);
  return bindings;
}

}  // namespace posthouse::net
