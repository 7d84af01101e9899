#pragma once
#include <openssl/types.h>

#include "net/byte_stream.h"

namespace posthouse::net {

/// The channel bindings of a connection whose handshake is over, at the server's end or the client's. Without
/// "tls-exporter" where it would not tell connections apart: TLS 1.2 without the extended master secret (RFC 9266
/// §4.2).
ChannelBindings channelBindingsOf(SSL& connection);

/// Has tickets of the context's connections tell what certificate was shown when their session began: that is what
/// "tls-server-end-point" means when the session is resumed, whatever would be shown now.
void noteEndPointInTickets(SSL_CTX& context);

}  // namespace posthouse::net
