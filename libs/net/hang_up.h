#pragma once
#include "async/task.h"
#include "net/byte_stream.h"

namespace posthouse::net {

/// Ends a connection so that the peer can read what was written last: says that nothing more comes, then reads and
/// drops what the peer is still sending, until he leaves, for `atMost` and a MiB together. Closed with octets unread, a
/// connection is reset, and a farewell that is still on its way is lost. Never throws.
Task<> hangUp(ByteStream& stream, std::chrono::milliseconds atMost = std::chrono::seconds(2));

/// How long where a program that ends has others to say farewell to.
inline constexpr std::chrono::milliseconds kHangUpAtDrain{500};

}  // namespace posthouse::net
