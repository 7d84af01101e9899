#include "login/connection.h"

#include <utility>

namespace posthouse::login {

ConnectionTraits traitsOf(const net::ByteStream& stream) {
  return {.isTls = stream.isSecure(), .hasClientCertificate = stream.hasPeerCertificate()};
}

Connection connectionOf(std::string_view protocol, const net::ByteStream& stream, std::string sessionId) {
  return {.protocol = std::string(protocol),
          .remoteAddress = stream.peer().host,
          .sessionId = std::move(sessionId),
          .isTls = stream.isSecure(),
          .channelBindings = {},
          .clientCertificate = {}};
}

Connection bindableConnectionOf(std::string_view protocol, const net::ByteStream& stream, std::string sessionId) {
  Connection connection = connectionOf(protocol, stream, std::move(sessionId));
  connection.channelBindings = stream.channelBindings();
  connection.clientCertificate = stream.peerCertificate();
  return connection;
}

}  // namespace posthouse::login
