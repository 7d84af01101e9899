#include "support/openssl_client.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

#include "async/completion.h"

namespace posthouse::test {
namespace {

struct Socket {
  int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  ~Socket() { close(descriptor); }
};

std::string lastError() {
  char text[256] = "the server hung up";
  if (const auto code = ERR_get_error()) ERR_error_string_n(code, text, sizeof text);
  return text;
}

void look(SSL* ssl, OpensslClient::Result& result) {
  result.version = SSL_get_version(ssl);
  result.isResumed = SSL_session_reused(ssl) == 1;
  constexpr char kLabel[] = "EXPORTER-Channel-Binding";
  unsigned char exported[32];
  SSL_export_keying_material(ssl, exported, sizeof exported, kLabel, sizeof kLabel - 1, exported, 0, 1);
  result.channelBinding.assign(reinterpret_cast<char*>(exported), sizeof exported);
  if (X509* shown = SSL_get0_peer_certificate(ssl)) {
    char name[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name, sizeof name);
    result.subject = name;
    result.keyKind = EVP_PKEY_get0_type_name(X509_get0_pubkey(shown));
    unsigned char hash[32];
    X509_digest(shown, EVP_sha256(), hash, nullptr);
    result.certificateHash.assign(reinterpret_cast<char*>(hash), sizeof hash);
  }
}

OpensslClient::Result blockingVisit(const net::Address& server, const OpensslClient::Options& options) {
  OpensslClient::Result result;
  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (options.onlyTls12) SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  if (!options.ciphers.empty()) SSL_CTX_set_cipher_list(context.get(), options.ciphers.c_str());
  if (!options.signatureAlgorithms.empty())
    SSL_CTX_set1_sigalgs_list(context.get(), options.signatureAlgorithms.c_str());
  if (!options.certificate.empty() &&
      (SSL_CTX_use_certificate_chain_file(context.get(), options.certificate.c_str()) != 1 ||
       SSL_CTX_use_PrivateKey_file(context.get(), options.key.c_str(), SSL_FILETYPE_PEM) != 1))
    throw std::runtime_error("the client cannot use " + options.certificate);
  const std::unique_ptr<SSL, void (*)(SSL*)> ssl(SSL_new(context.get()), SSL_free);
  if (!options.serverName.empty()) SSL_set_tlsext_host_name(ssl.get(), options.serverName.c_str());
  if (options.resume) SSL_set_session(ssl.get(), options.resume.get());

  const Socket tcp;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port);
  inet_pton(AF_INET, server.host.c_str(), &address.sin_addr);
  if (connect(tcp.descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    result.failure = "nobody listens";
    return result;
  }
  SSL_set_fd(ssl.get(), tcp.descriptor);
  char octets[256];
  int count = 0;
  // Tickets of TLS 1.3 come with the server's first words.
  if (SSL_connect(ssl.get()) != 1 || (count = SSL_read(ssl.get(), octets, sizeof octets)) <= 0) {
    result.failure = lastError();
    return result;
  }
  result.heard.assign(octets, static_cast<std::size_t>(count));
  look(ssl.get(), result);
  result.session.reset(SSL_get1_session(ssl.get()), SSL_SESSION_free);
  SSL_shutdown(ssl.get());
  return result;
}

}  // namespace

Task<OpensslClient::Result> OpensslClient::visit(net::Loop& loop, net::Address server, Options options) {
  Event done;
  Result result;
  std::jthread visitor([&] {
    result = blockingVisit(server, options);
    loop.post([&] { done.set(); });
  });
  co_await done;
  visitor.join();
  co_return result;
}

}  // namespace posthouse::test
