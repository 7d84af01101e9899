#include "crypto/certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <memory>
#include <stdexcept>

#include "base/ascii.h"
#include "base/free_with.h"

namespace posthouse::crypto {
namespace {

void freeNames(GENERAL_NAMES* names) {
  GENERAL_NAMES_free(names);
}
void freeChain(STACK_OF(X509) * chain) {
  sk_X509_pop_free(chain, X509_free);
}

using File = std::unique_ptr<std::FILE, FreeWith<std::fclose>>;
using X509Pointer = std::unique_ptr<X509, FreeWith<X509_free>>;
using Chain = std::unique_ptr<STACK_OF(X509), FreeWith<freeChain>>;

File open(const std::string& name) {
  File file(std::fopen(name.c_str(), "re"));
  if (!file) throw std::runtime_error("cannot read " + name);
  return file;
}

X509Pointer next(std::FILE* file) {
  X509Pointer certificate(PEM_read_X509(file, nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

X509Pointer first(const std::string& name) {
  const File file = open(name);
  X509Pointer certificate = next(file.get());
  if (!certificate) throw std::runtime_error(name + " holds no PEM certificate");
  return certificate;
}

std::chrono::system_clock::time_point timePoint(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) throw std::runtime_error("a certificate with a date that is none");
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

std::string text(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<std::size_t>(ASN1_STRING_length(string))};
}

std::string address(const ASN1_OCTET_STRING* octets) {
  char shown[INET6_ADDRSTRLEN] = "";
  const int family = ASN1_STRING_length(octets) == 4 ? AF_INET : AF_INET6;
  inet_ntop(family, ASN1_STRING_get0_data(octets), shown, sizeof shown);
  return shown;
}

std::vector<std::string> alternativeNames(X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, FreeWith<freeNames>> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> found;
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) found.push_back(text(name->d.dNSName));
    if (name->type == GEN_IPADD) found.push_back(address(name->d.iPAddress));
  }
  return found;
}

}  // namespace

bool Certificate::isFor(std::string_view host) const {
  return std::ranges::any_of(names, [host](std::string_view name) {
    if (!name.starts_with("*.")) return ascii::equalsIgnoringCase(name, host);
    const std::size_t dot = host.find('.');
    return dot != host.npos && dot != 0 && ascii::equalsIgnoringCase(name.substr(1), host.substr(dot));
  });
}

Certificate readCertificate(const std::string& file) {
  const X509Pointer certificate = first(file);
  char subject[512] = "";
  X509_NAME_oneline(X509_get_subject_name(certificate.get()), subject, sizeof subject);
  return {subject, alternativeNames(certificate.get()), timePoint(X509_get0_notBefore(certificate.get())),
          timePoint(X509_get0_notAfter(certificate.get()))};
}

bool keyBelongsTo(const std::string& keyFile, const std::string& certificateFile) {
  const X509Pointer certificate = first(certificateFile);
  const File file = open(keyFile);
  const std::unique_ptr<EVP_PKEY, FreeWith<EVP_PKEY_free>> key(
      PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr));
  const bool belongs = key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!key) throw std::runtime_error(keyFile + " holds no PEM private key");
  return belongs;
}

bool isTrusted(const std::string& certificateFile, const std::string& authorityFile) {
  const File file = open(certificateFile);
  const X509Pointer certificate = next(file.get());
  if (!certificate) throw std::runtime_error(certificateFile + " holds no PEM certificate");
  const Chain chain(sk_X509_new_null());
  for (X509Pointer link = next(file.get()); link; link = next(file.get())) sk_X509_push(chain.get(), link.release());

  const std::unique_ptr<X509_STORE, FreeWith<X509_STORE_free>> store(X509_STORE_new());
  const int loaded = authorityFile.empty() ? X509_STORE_set_default_paths(store.get())
                                           : X509_STORE_load_file(store.get(), authorityFile.c_str());
  const std::unique_ptr<X509_STORE_CTX, FreeWith<X509_STORE_CTX_free>> check(X509_STORE_CTX_new());
  const bool trusted = loaded == 1 &&
                       X509_STORE_CTX_init(check.get(), store.get(), certificate.get(), chain.get()) == 1 &&
                       X509_verify_cert(check.get()) == 1;
  ERR_clear_error();
  return trusted;
}

}  // namespace posthouse::crypto
