#pragma once
#include <memory>
#include <stdexcept>
#include <string>

#include "async/completion.h"
#include "net/byte_stream.h"
#include "net/tls_context.h"

struct ssl_st;

namespace posthouse::net {

/// The handshake failed or a record was bad. what() says how, in OpenSSL's words.
class TlsError : public ConnectionLost {
 public:
  using ConnectionLost::ConnectionLost;
};

/// TLS over another stream. OpenSSL reads from and writes to memory; this class moves those octets, so a connection
/// that waits holds no buffers.
class TlsStream final : public ByteStream {
 public:
  /// `inner` must be connected and idle. Handshake comes next.
  static std::unique_ptr<TlsStream> server(std::unique_ptr<ByteStream> inner, const TlsContext& context);
  static std::unique_ptr<TlsStream> client(std::unique_ptr<ByteStream> inner, const TlsContext& context,
                                           const std::string& serverName);
  ~TlsStream() override;

  /// All of it within the patience. Throws TlsError, ConnectionLost or Interrupted; the stream is of no use then.
  Task<> handshake(Patience patience);

  Task<std::size_t> read(std::string& into, Patience patience) override;
  Task<> write(std::string_view octets, Patience patience) override;
  bool hasPendingInput() const noexcept override;
  Task<> shutdown(Patience patience) override;
  bool hasPeerClosed() const noexcept override { return inner_->hasPeerClosed(); }
  bool isAcknowledged() const noexcept override { return inner_->isAcknowledged(); }
  void close() noexcept override { inner_->close(); }
  const Address& peer() const noexcept override { return inner_->peer(); }
  const Address& local() const noexcept override { return inner_->local(); }
  std::string tlsVersion() const override;
  std::string tlsCipher() const override;
  ChannelBindings channelBindings() const override;
  bool hasPeerCertificate() const override;
  std::optional<PeerCertificate> peerCertificate() const override;

 private:
  TlsStream(std::unique_ptr<ByteStream> inner, const TlsContext& context);

  friend struct TlsStreamBio;
  Task<bool> receive(Patience patience);
  Task<> send(Patience patience);

  std::unique_ptr<ByteStream> inner_;
  TlsContext context_;
  std::shared_ptr<ssl_st> ssl_;
  std::string received_;   // records from the peer that OpenSSL has not taken
  std::size_t taken_ = 0;  // of received_
  std::string toSend_;     // records that OpenSSL made
  bool sending_ = false;   // somebody is in send(); what is appended to toSend_ goes with him
  Event* sent_ = nullptr;  // set when he is done
};

}  // namespace posthouse::net
