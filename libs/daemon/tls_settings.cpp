#include "daemon/tls_settings.h"

#include <fstream>
#include <iterator>

namespace posthouse::daemon {

using net::ClientCertificates;

namespace {

TlsSettings::Pair pairIn(config::Section& section, std::string_view label) {
  TlsSettings::Pair pair{section.text("certificate", ""), section.text("key", ""), std::string(label)};
  if (pair.certificate.empty() != pair.key.empty()) section.fail("certificate", "certificate and key go together");
  return pair;
}

}  // namespace

TlsSettings TlsSettings::from(config::Configuration& configuration) {
  TlsSettings settings;
  config::Section tls = configuration.section("tls");
  settings.pairs.push_back(pairIn(tls, "default"));
  tls.text("ca_file", "");  // for those that connect: checks and clients
  settings.options.onlyTls13 = tls.choice("min_version", {"1.2", "1.3"}, "1.2") == "1.3";
  settings.options.ciphers = tls.text("ciphers", settings.options.ciphers);
  settings.options.cipherSuites = tls.text("cipher_suites", settings.options.cipherSuites);
  settings.ticketKeyFile = tls.text("ticket_key_file", "");
  settings.clientAuthorityFile = tls.text("client_ca_file", "");
  settings.clientRevocationFile = tls.text("client_crl_file", "");
  settings.clientCertificates =
      daemon::clientCertificates(tls, "client_certificates").value_or(ClientCertificates::off);
  if (settings.clientCertificates == ClientCertificates::require && settings.clientAuthorityFile.empty())
    tls.fail("client_certificates", "\"require\" needs client_ca_file: who certifies them");
  if (!settings.clientRevocationFile.empty() && settings.clientAuthorityFile.empty())
    tls.fail("client_crl_file", "is of no use without client_ca_file");
  for (config::Section& sni : tls.tables("sni")) {
    settings.pairs.push_back(pairIn(sni, sni.text("certificate", "")));
    if (settings.pairs.back().certificate.empty()) sni.fail("certificate", "is required");
    sni.rejectUnread();
  }
  tls.rejectUnread();
  if (settings.pairs.front().certificate.empty()) {
    if (settings.pairs.size() > 1)
      tls.fail("certificate", "is required beside [[tls.sni]]: it is for clients that name no host");
    settings.pairs.clear();
  }
  return settings;
}

TlsSettings::Complain TlsSettings::noteIn(config::Configuration& configuration) {
  return [&configuration](std::size_t pair, std::string_view key, const std::string& message) {
    config::Section tls = configuration.section("tls");
    if (pair == 0) return tls.fail(key, message);
    tls.tables("sni").at(pair - 1).fail(key, message);
  };
}

std::vector<net::TlsCertificate> TlsSettings::readCertificates(const Complain& complain) const {
  std::vector<net::TlsCertificate> read;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (pairs[i].certificate.empty() || pairs[i].key.empty()) continue;  // told already
    try {
      read.push_back(net::TlsCertificate::load(pairs[i].certificate, pairs[i].key));
    } catch (const net::BadTlsFile& bad) {
      complain(i, bad.of == net::BadTlsFile::Of::key ? "key" : "certificate", bad.what());
    }
  }
  return read;
}

std::optional<std::string> TlsSettings::readTicketSecret(const Complain& complain) const {
  constexpr std::size_t kLeast = 32;
  if (ticketKeyFile.empty()) return std::string();
  std::ifstream file(ticketKeyFile, std::ios::binary);
  std::string secret{std::istreambuf_iterator<char>(file), {}};
  if (secret.size() < kLeast) {
    complain(0, "ticket_key_file",
             ticketKeyFile + " cannot be read or has less than 32 octets; make it with: openssl rand -base64 48");
    return std::nullopt;
  }
  return secret;
}

std::optional<net::ClientAuthorities> TlsSettings::readClientAuthorities(const Complain& complain) const {
  try {
    return net::ClientAuthorities::load(clientAuthorityFile, clientRevocationFile);
  } catch (const net::BadTlsFile& bad) {
    complain(0, bad.of == net::BadTlsFile::Of::revocations ? "client_crl_file" : "client_ca_file", bad.what());
    return std::nullopt;
  }
}

std::vector<std::string> TlsSettings::files() const {
  std::vector<std::string> files;
  for (const Pair& pair : pairs) {
    files.push_back(pair.certificate);
    files.push_back(pair.key);
  }
  for (const std::string* file : {&ticketKeyFile, &clientAuthorityFile, &clientRevocationFile}) {
    if (!file->empty()) files.push_back(*file);
  }
  return files;
}

std::optional<ClientCertificates> clientCertificates(config::Section& section, std::string_view key) {
  if (!section.has(key)) return std::nullopt;
  const std::string asked = section.choice(key, {"off", "request", "require"}, "off");
  return asked == "require"   ? ClientCertificates::require
         : asked == "request" ? ClientCertificates::request
                              : ClientCertificates::off;
}

}  // namespace posthouse::daemon
