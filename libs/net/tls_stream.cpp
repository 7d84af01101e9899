#include "net/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "net/channel_bindings.h"

namespace posthouse::net {

namespace {

constexpr std::size_t kRecord = 16 * 1024;

/// One scratch buffer for all connections of the thread: only what was decrypted is copied out of it. Aligned as the
/// one of tcp_stream.cpp, for the same reason.
alignas(64) thread_local std::array<char, kRecord> plain;

std::string describe(SSL* ssl, int result) {
  const unsigned long code = ERR_peek_last_error();
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    ERR_clear_error();
    return std::string("the certificate is not accepted: ") + X509_verify_cert_error_string(SSL_get_verify_result(ssl));
  }
  if (ERR_peek_error() != 0) return lastTlsError();
  return SSL_get_error(ssl, result) == SSL_ERROR_ZERO_RETURN ? "closed by the peer" : "broken off by the peer";
}

/// Tells how a handshake went, however it ends.
struct HandshakeReport {
  const TlsContext& context;
  TlsHandshake handshake = {};
  ~HandshakeReport() { context.handshakeEnded(handshake); }
};

}  // namespace

/// A BIO whose two ends are the strings of a TlsStream: no copy into a BIO_s_mem, which never shrinks.
struct TlsStreamBio {
  static int read(BIO* bio, char* into, int most) {
    auto* stream = static_cast<TlsStream*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const std::size_t have = stream->received_.size() - stream->taken_;
    if (have == 0) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t count = std::min(have, static_cast<std::size_t>(most));
    std::memcpy(into, stream->received_.data() + stream->taken_, count);
    stream->taken_ += count;
    if (stream->taken_ == stream->received_.size()) {
      stream->received_ = std::string();
      stream->taken_ = 0;
    }
    return static_cast<int>(count);
  }

  static int write(BIO* bio, const char* octets, int count) {
    static_cast<TlsStream*>(BIO_get_data(bio))->toSend_.append(octets, static_cast<std::size_t>(count));
    return count;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* fresh = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "posthouse stream");
      BIO_meth_set_read(fresh, read);
      BIO_meth_set_write(fresh, write);
      BIO_meth_set_ctrl(fresh, control);
      BIO_meth_set_create(fresh, [](BIO* bio) {
        BIO_set_init(bio, 1);
        return 1;
      });
      return fresh;
    }();
    return made;
  }
};

TlsStream::TlsStream(std::unique_ptr<ByteStream> inner, const TlsContext& context)
    : inner_(std::move(inner)), context_(context), ssl_(SSL_new(context.get()), SSL_free) {
  if (!ssl_) throw TlsError("cannot make a TLS connection");
  BIO* bio = BIO_new(TlsStreamBio::method());
  BIO_set_data(bio, this);
  SSL_set_bio(ssl_.get(), bio, bio);
}

/// OpenSSL would forbid to resume the session of a connection that ends without a farewell.
TlsStream::~TlsStream() {
  SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

std::unique_ptr<TlsStream> TlsStream::server(std::unique_ptr<ByteStream> inner, const TlsContext& context) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(inner), context));
  SSL_set_accept_state(stream->ssl_.get());
  context.askForCertificate(stream->ssl_.get());
  return stream;
}

std::unique_ptr<TlsStream> TlsStream::client(std::unique_ptr<ByteStream> inner, const TlsContext& context,
                                             const std::string& serverName) {
  std::unique_ptr<TlsStream> stream(new TlsStream(std::move(inner), context));
  SSL* ssl = stream->ssl_.get();
  SSL_set_connect_state(ssl);
  const bool numeric = Network::parse(serverName).has_value();
  if (!numeric && !serverName.empty()) {
    SSL_set_tlsext_host_name(ssl, serverName.c_str());
    context.offerSession(ssl, serverName);
  }
  if (SSL_get_verify_mode(ssl) != SSL_VERIFY_NONE) {
    if (numeric) {
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), serverName.c_str());
    } else {
      SSL_set1_host(ssl, serverName.c_str());
    }
  }
  return stream;
}

Task<bool> TlsStream::receive(Patience patience) {
  co_return co_await inner_->read(received_, std::move(patience)) > 0;
}

Task<> TlsStream::send(Patience patience) {
  while (!toSend_.empty()) {
    if (sending_) {
      Event done;
      sent_ = &done;
      co_await done;
      continue;
    }
    struct Sending {
      TlsStream& stream;
      ~Sending() {
        stream.sending_ = false;
        if (Event* waiting = std::exchange(stream.sent_, nullptr)) waiting->set();
      }
    } const sending{*this};
    sending_ = true;
    const std::string records = std::exchange(toSend_, {});
    co_await inner_->write(records, patience);
  }
}

Task<> TlsStream::handshake(Patience patience) {
  const Deadline deadline(patience);
  HandshakeReport report{context_};
  for (;;) {
    ERR_clear_error();
    const int result = SSL_do_handshake(ssl_.get());
    const int error = result == 1 ? SSL_ERROR_NONE : SSL_get_error(ssl_.get(), result);
    const bool hasFailed = error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ;
    if (hasFailed) report.handshake.result = lastTlsFailure();
    const std::string failure = hasFailed ? describe(ssl_.get(), result) : std::string();
    co_await send(deadline.left());  // an alert, too, says to the peer what is wrong
    if (hasFailed) throw TlsError("TLS handshake with " + peer().text() + ": " + failure);
    if (error == SSL_ERROR_NONE) break;
    const bool more = co_await receive(deadline.left());
    if (!more) throw TlsError("TLS handshake with " + peer().text() + ": broken off by the peer");
  }
  report.handshake = {TlsHandshake::Result::ok, SSL_get_version(ssl_.get()), SSL_session_reused(ssl_.get()) == 1};
}

Task<std::size_t> TlsStream::read(std::string& into, Patience patience) {
  const Deadline deadline(patience);  // a record may come in many pieces
  for (;;) {
    std::size_t total = 0;
    int result = 0;
    // To the end of what has come: decrypted octets that stayed inside OpenSSL would wake nobody.
    for (;;) {
      ERR_clear_error();
      result = SSL_read(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
      if (result <= 0) break;
      into.append(plain.data(), static_cast<std::size_t>(result));
      total += static_cast<std::size_t>(result);
    }
    const int error = SSL_get_error(ssl_.get(), result);
    if (total > 0) co_return total;
    if (error == SSL_ERROR_ZERO_RETURN) co_return 0;
    const bool isBad = error != SSL_ERROR_WANT_READ;
    const std::string failure = isBad ? describe(ssl_.get(), result) : std::string();
    if (into.empty()) into = std::string();
    co_await send(deadline.left());  // an alert, too, says to the peer what is wrong
    if (isBad) throw TlsError("TLS with " + peer().text() + ": " + failure);
    const bool more = co_await receive(deadline.left());
    if (!more) co_return 0;
  }
}

Task<> TlsStream::write(std::string_view octets, Patience patience) {
  while (!octets.empty()) {
    ERR_clear_error();
    const int result =
        SSL_write(ssl_.get(), octets.data(), static_cast<int>(std::min<std::size_t>(octets.size(), 1u << 20)));
    if (result <= 0) throw TlsError("TLS with " + peer().text() + ": " + describe(ssl_.get(), result));
    octets.remove_prefix(static_cast<std::size_t>(result));
    if (toSend_.size() >= 8 * kRecord) co_await send(patience);
  }
  co_await send(std::move(patience));
}

bool TlsStream::hasPendingInput() const noexcept {
  return taken_ < received_.size() || SSL_pending(ssl_.get()) > 0 || inner_->hasPendingInput();
}

Task<> TlsStream::shutdown(Patience patience) {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
  co_await send(patience);
  co_await inner_->shutdown(std::move(patience));
}

std::string TlsStream::tlsVersion() const {
  return SSL_is_init_finished(ssl_.get()) ? SSL_get_version(ssl_.get()) : "";
}
std::string TlsStream::tlsCipher() const {
  return SSL_get_cipher_name(ssl_.get());
}

ChannelBindings TlsStream::channelBindings() const {
  return channelBindingsOf(*ssl_);
}

bool TlsStream::hasPeerCertificate() const {
  return SSL_is_init_finished(ssl_.get()) == 1 && SSL_get0_peer_certificate(ssl_.get()) != nullptr;
}
std::optional<PeerCertificate> TlsStream::peerCertificate() const {
  return peerCertificateOf(*ssl_);
}

}  // namespace posthouse::net
