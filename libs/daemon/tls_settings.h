#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/configuration.h"
#include "net/tls_context.h"

namespace posthouse::daemon {

/// [tls]: which files, and what is spoken.
struct TlsSettings {
  struct Pair {
    std::string certificate;
    std::string key;
    std::string label;  // in metrics: "default", or the certificate's file
  };
  /// What is wrong, and where it is written: the index of the pair, and the key.
  using Complain = std::function<void(std::size_t pair, std::string_view key, const std::string& message)>;

  std::vector<Pair> pairs;    // of [tls], then of each [[tls.sni]]; none: no TLS
  std::string ticketKeyFile;  // empty: each process makes keys of its own
  net::ClientCertificates clientCertificates = net::ClientCertificates::off;  // where clients log in, unless it is said
  std::string clientAuthorityFile;                                            // empty: none is trusted
  std::string clientRevocationFile;                                           // empty: nothing is revoked
  net::TlsServerOptions options;

  static TlsSettings from(config::Configuration& configuration);
  /// Notes what is wrong with the files among the configuration's errors.
  static Complain noteIn(config::Configuration& configuration);

  /// All certificates, or fewer and a complaint for each that is missing.
  std::vector<net::TlsCertificate> readCertificates(const Complain& complain) const;
  /// What the ticket_key_file holds, empty without one; nothing, and a complaint, if it cannot be used.
  std::optional<std::string> readTicketSecret(const Complain& complain) const;
  /// What the client_ca_file and the client_crl_file hold; nothing, and a complaint, if one cannot be used.
  std::optional<net::ClientAuthorities> readClientAuthorities(const Complain& complain) const;
  std::vector<std::string> files() const;
};

/// "off", "request" or "require" under `key`, or nothing.
std::optional<net::ClientCertificates> clientCertificates(config::Section& section, std::string_view key);

}  // namespace posthouse::daemon
