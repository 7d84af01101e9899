#pragma once
#include "async/task_group.h"
#include "net/tcp_listener.h"
#include "net/tls_stream.h"
#include "support/openssl_client.h"

namespace posthouse::test {

/// Shakes hands with whoever comes, says "hello" and waits for him to leave.
class TlsServer {
 public:
  TlsServer(net::Loop& loop, const net::TlsContext& context)
      : loop_(loop),
        context_(context),
        listener_(loop, {"127.0.0.1", 0, ""}, [this](auto client) { sessions_.spawn(greet(std::move(client))); }) {}
  ~TlsServer() { loop_.runUntilDone(sessions_.drained()); }

  // Of the connection made last.
  net::ChannelBindings channelBindings;
  std::optional<net::PeerCertificate> clientCertificate;
  std::string failure;  // of its handshake

  /// From the next connection on.
  void use(const net::TlsContext& context) { context_ = context; }
  const net::Address& address() const { return listener_.address(); }
  OpensslClient::Result visit(const OpensslClient::Options& options) {
    return loop_.runUntilDone(OpensslClient::visit(loop_, listener_.address(), options));
  }

 private:
  Task<> greet(std::unique_ptr<net::ByteStream> client) {
    clientCertificate.reset();
    failure.clear();
    constexpr std::chrono::seconds kPatience{10};
    try {
      const auto secured = net::TlsStream::server(std::move(client), context_);
      co_await secured->handshake(kPatience);
      channelBindings = secured->channelBindings();
      clientCertificate = secured->peerCertificate();
      co_await secured->write("hello", kPatience);
      std::string farewell;
      co_await secured->read(farewell, kPatience);
    } catch (const net::ConnectionLost& lost) {  // a client that does not agree
      failure = lost.what();
    }
  }

  net::Loop& loop_;
  net::TlsContext context_;
  TaskGroup sessions_;
  net::TcpListener listener_;
};

}  // namespace posthouse::test
