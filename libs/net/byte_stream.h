#pragma once
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "net/address.h"
#include "net/patience.h"
#include "net/peer_certificate.h"

namespace posthouse::net {

/// What tells one TLS connection from another (RFC 5056), by type: "tls-exporter" (RFC 9266), "tls-server-end-point"
/// (RFC 5929 §4). Empty without TLS.
using ChannelBindings = std::map<std::string, std::string>;

/// Octets both ways. Three implementations: TCP (and unix sockets), TLS over any stream, a script in tests.
/// One coroutine may read while another writes; two must not read, nor two write, at the same time.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Appends what has come, at least one octet, and says how many; 0 at the end of input.
  /// Throws Interrupted (nothing is lost: read again) or ConnectionLost.
  virtual Task<std::size_t> read(std::string& into, Patience patience) = 0;

  /// Returns when the last octet has been handed to the system: a peer that does not read makes this wait.
  /// `octets` must stay until then. After Interrupted the stream can only be closed.
  virtual Task<> write(std::string_view octets, Patience patience) = 0;

  /// True if octets have arrived that nobody has read.
  virtual bool hasPendingInput() const noexcept = 0;

  /// Says that nothing more will be written, after what was (TLS: close_notify). The peer may still be read.
  virtual Task<> shutdown(Patience patience) = 0;

  /// True once the peer has said that it will write no more, or is gone; octets that it wrote before may still be read.
  virtual bool hasPeerClosed() const noexcept = 0;

  /// True if the peer's system has all that was written. Whether the peer itself has read it, it does not tell; but a
  /// system answers with a reset, and read() throws, if it was closed over octets that nobody read.
  virtual bool isAcknowledged() const noexcept = 0;

  /// Ends both directions at once; a wait in read or write ends with ConnectionLost. The destructor does it too.
  virtual void close() noexcept = 0;

  /// The other end; behind a PROXY header, the client that the header names.
  virtual const Address& peer() const noexcept = 0;
  virtual const Address& local() const noexcept = 0;

  /// The TLS version and cipher ("TLSv1.3", "TLS_AES_256_GCM_SHA384"), empty without TLS.
  virtual std::string tlsVersion() const { return {}; }
  virtual std::string tlsCipher() const { return {}; }
  bool isSecure() const { return !tlsVersion().empty(); }
  virtual ChannelBindings channelBindings() const { return {}; }
  /// Whether the peer has shown a certificate; costs nothing.
  virtual bool hasPeerCertificate() const { return false; }
  virtual std::optional<PeerCertificate> peerCertificate() const { return std::nullopt; }
};

}  // namespace posthouse::net
