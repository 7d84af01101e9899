#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "net/byte_stream.h"

namespace posthouse::login {

/// Over what a client logs in: for limits and logs, and what mechanisms bind to.
struct Connection {
  std::string protocol;       // "submission", "imap", "pop3"
  std::string remoteAddress;  // without port
  std::string sessionId;
  bool isTls = false;
  net::ChannelBindings channelBindings;
  std::optional<net::PeerCertificate> clientCertificate = std::nullopt;
};

/// What decides which mechanisms a client is offered.
struct ConnectionTraits {
  bool isTls = false;
  bool hasClientCertificate = false;
};

ConnectionTraits traitsOf(const net::ByteStream& stream);

/// Without its channel bindings and certificate, which a password does not need and some hashes cost.
Connection connectionOf(std::string_view protocol, const net::ByteStream& stream, std::string sessionId);

/// The same with them.
Connection bindableConnectionOf(std::string_view protocol, const net::ByteStream& stream, std::string sessionId);

}  // namespace posthouse::login
