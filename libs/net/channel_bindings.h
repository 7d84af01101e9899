#pragma once
#include <openssl/types.h>

#include "net/byte_stream.h"

namespace posthouse::net {

/// The channel bindings of a connection whose handshake is over, at the server's end or the client's. Without
/// "tls-exporter" where it would not tell connections apart: TLS 1.2 without the extended master secret (RFC 9266
/// §4.2).
ChannelBindings channelBindingsOf(SSL& connection);

}  // namespace posthouse::net
