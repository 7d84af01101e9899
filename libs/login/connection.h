#pragma once
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
};

/// Without its channel bindings, which a password does not need and some hashes cost.
Connection connectionOf(std::string_view protocol, const net::ByteStream& stream, std::string sessionId);

/// The same with them.
Connection bindableConnectionOf(std::string_view protocol, const net::ByteStream& stream, std::string sessionId);

}  // namespace posthouse::login
