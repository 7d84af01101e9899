#include "net/client_authorities.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <fstream>
#include <iterator>

#include "crypto/digest.h"
#include "net/tls_certificate.h"
#include "net/tls_handshake.h"

namespace posthouse::net {
namespace {

using Of = BadTlsFile::Of;

/// What OpenSSL does with the chain that a client has shown, instead of its X509_verify_cert alone.
int judge(X509_STORE_CTX* chain, void*) {
  const int verdict = X509_verify_cert(chain);
  if (verdict > 0) return verdict;
  if (X509_STORE_CTX_get_error(chain) == X509_V_OK) X509_STORE_CTX_set_error(chain, X509_V_ERR_UNSPECIFIED);
  const auto* connection =
      static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  if ((SSL_get_verify_mode(connection) & SSL_VERIFY_FAIL_IF_NO_PEER_CERT) != 0) return verdict;
  ERR_clear_error();
  return 1;
}

std::string contentOf(const std::string& file, Of of) {
  if (file.empty()) return {};
  std::ifstream in(file, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  if (!in || content.empty()) throw BadTlsFile(of, "cannot read " + file);
  return content;
}

using Entries = std::unique_ptr<STACK_OF(X509_INFO), void (*)(STACK_OF(X509_INFO)*)>;

Entries entriesOf(const std::string& content) {
  ERR_clear_error();
  const std::unique_ptr<BIO, int (*)(BIO*)> in(BIO_new_mem_buf(content.data(), static_cast<int>(content.size())),
                                               BIO_free);
  return {PEM_X509_INFO_read_bio(in.get(), nullptr, nullptr, nullptr),
          [](STACK_OF(X509_INFO) * entries) { sk_X509_INFO_pop_free(entries, X509_INFO_free); }};
}

/// The certificates of one file, the lists of the other.
void add(X509_STORE* store, const std::string& content, const std::string& file, Of of) {
  if (content.empty()) return;
  const Entries entries = entriesOf(content);
  const bool wantsLists = of == Of::revocations;
  bool isSome = false;
  for (int i = 0; i < sk_X509_INFO_num(entries.get()); ++i) {
    const X509_INFO* entry = sk_X509_INFO_value(entries.get(), i);
    if (wantsLists && entry->crl != nullptr) isSome |= X509_STORE_add_crl(store, entry->crl) == 1;
    if (!wantsLists && entry->x509 != nullptr) isSome |= X509_STORE_add_cert(store, entry->x509) == 1;
  }
  if (!isSome) throw BadTlsFile(of, (wantsLists ? "no CRL in PEM is in " : "no certificate in PEM is in ") + file);
  ERR_clear_error();
}

}  // namespace

ClientAuthorities::ClientAuthorities() : store_(X509_STORE_new(), X509_STORE_free), digest_(32, '\0') {}

ClientAuthorities ClientAuthorities::load(const std::string& authorityFile, const std::string& revocationFile) {
  const std::string authorities = contentOf(authorityFile, Of::authorities);
  const std::string revocations = contentOf(revocationFile, Of::revocations);
  ClientAuthorities loaded;
  X509_STORE* store = loaded.store_.get();
  add(store, authorities, authorityFile, Of::authorities);
  add(store, revocations, revocationFile, Of::revocations);
  // Whoever is in the file is trusted, also without the root above.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  if (!revocations.empty()) X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  crypto::Sha256 both;
  both.update(crypto::sha256(authorities).view()).update(revocations);
  loaded.digest_ = both.finish().view();
  return loaded;
}

void ClientAuthorities::judgeIn(ssl_ctx_st* context) const {
  // Not the context's own store, from which OpenSSL would complete the chain that the server shows.
  SSL_CTX_set1_verify_cert_store(context, store_.get());
  SSL_CTX_set_cert_verify_callback(context, judge, nullptr);
}

}  // namespace posthouse::net
