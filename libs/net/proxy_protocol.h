#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/cursor.h"
#include "net/byte_stream.h"

namespace posthouse::net {

/// A header of the PROXY protocol, version 1 (text) or 2 (binary), as HAProxy defines them: who the client of the proxy
/// is.
struct ProxyHeader {
  std::size_t length = 0;         // octets of the header
  std::optional<Address> source;  // none: LOCAL or UNKNOWN, the proxy speaks for itself
  std::optional<Address> destination;
};

/// The header at the start of `octets`; nothing if more octets are needed. Throws SyntaxError for anything else:
/// without a header nobody knows who the client is.
std::optional<ProxyHeader> parseProxyHeader(std::string_view octets);

/// Reads the header that must come first and returns the stream behind it, whose peer() is the client that it names.
/// Throws SyntaxError, ConnectionLost or Interrupted.
Task<std::unique_ptr<ByteStream>> acceptProxied(std::unique_ptr<ByteStream> stream, Patience patience);

}  // namespace posthouse::net
