#include "net/tls_certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/ascii.h"
#include "net/tls_handshake.h"

namespace posthouse::net {

namespace {

using Bio = std::unique_ptr<BIO, int (*)(BIO*)>;

Bio open(const std::string& file, BadTlsFile::Of of, const char* what) {
  ERR_clear_error();
  Bio bio(BIO_new_file(file.c_str(), "r"), BIO_free);
  if (!bio) throw BadTlsFile(of, std::string("cannot read the ") + what + " " + file + ": " + lastTlsError());
  return bio;
}

/// Nobody sits at the terminal of a daemon.
int noPassphrase(char*, int, int, void*) {
  return -1;
}

std::string text(const ASN1_STRING* octets) {
  return ascii::toLower(std::string_view(reinterpret_cast<const char*>(ASN1_STRING_get0_data(octets)),
                                         static_cast<std::size_t>(ASN1_STRING_length(octets))));
}

std::vector<std::string> namesOf(X509* certificate) {
  std::vector<std::string> names;
  auto* alternatives =
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(alternatives, i);
    if (name->type == GEN_DNS) names.push_back(text(name->d.dNSName));
  }
  GENERAL_NAMES_free(alternatives);
  if (names.empty()) {
    X509_NAME* subject = X509_get_subject_name(certificate);
    const int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (at >= 0) names.push_back(text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  }
  return names;
}

}  // namespace

TlsCertificate TlsCertificate::load(const std::string& certificateFile, const std::string& keyFile) {
  using enum BadTlsFile::Of;
  TlsCertificate loaded;
  loaded.file_ = certificateFile;
  const Bio certificates = open(certificateFile, certificate, "certificate");
  loaded.certificate_.reset(PEM_read_bio_X509_AUX(certificates.get(), nullptr, noPassphrase, nullptr), X509_free);
  if (!loaded.certificate_)
    throw BadTlsFile(certificate, "no certificate is in " + certificateFile + ": " + lastTlsError());
  while (X509* next = PEM_read_bio_X509(certificates.get(), nullptr, noPassphrase, nullptr))
    loaded.chain_.emplace_back(next, X509_free);
  if (const auto code = ERR_peek_last_error(); ERR_GET_REASON(code) != PEM_R_NO_START_LINE)
    throw BadTlsFile(certificate, "the chain in " + certificateFile + " is broken: " + lastTlsError());
  const Bio keys = open(keyFile, key, "key");
  loaded.key_.reset(PEM_read_bio_PrivateKey(keys.get(), nullptr, noPassphrase, nullptr), EVP_PKEY_free);
  if (!loaded.key_) throw BadTlsFile(key, "no key that can be used is in " + keyFile + ": " + lastTlsError());
  if (X509_check_private_key(loaded.certificate_.get(), loaded.key_.get()) != 1)
    throw BadTlsFile(key, "the key " + keyFile + " does not belong to the certificate " + certificateFile);
  ERR_clear_error();
  loaded.names_ = namesOf(loaded.certificate_.get());
  return loaded;
}

std::chrono::system_clock::time_point TlsCertificate::notAfter() const {
  std::tm fields{};
  ASN1_TIME_to_tm(X509_get0_notAfter(certificate_.get()), &fields);
  return std::chrono::system_clock::from_time_t(timegm(&fields));
}

int TlsCertificate::keyKind() const {
  return EVP_PKEY_get_base_id(key_.get());
}

void TlsCertificate::showIn(ssl_ctx_st* context) const {
  ERR_clear_error();
  const std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)> chain(
      sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
  for (const auto& each : chain_) sk_X509_push(chain.get(), each.get());
  if (SSL_CTX_use_cert_and_key(context, certificate_.get(), key_.get(), chain.get(), 1) != 1)
    throw BadTlsFile(BadTlsFile::Of::certificate, "cannot use the certificate " + file_ + ": " + lastTlsError());
}

}  // namespace posthouse::net
