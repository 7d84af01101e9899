#pragma once
#include <chrono>
#include <memory>
#include <string>

struct ssl_ctx_st;

namespace posthouse::net {

/// What a TLS endpoint is configured with: certificates and keys, or whom to trust. TLS 1.2 and 1.3. Cheap to copy;
/// connections keep the context they began with.
class TlsContext {
 public:
  /// A server's. PEM files: the certificate with its chain, and its key. Throws std::runtime_error that names the file.
  static TlsContext server(const std::string& certificateFile, const std::string& keyFile);

  enum class Verify {
    none,        // opportunistic TLS between mail servers (RFC 7435): any certificate
    serverName,  // a chain to a trusted authority, and the name that was asked for
  };
  /// A client's. `authorityFile` (PEM) replaces the system's trust store where it is not empty.
  static TlsContext client(Verify verify, const std::string& authorityFile = {});

  ssl_ctx_st* get() const noexcept { return context_.get(); }

  /// When the server's certificate ceases to be valid.
  std::chrono::system_clock::time_point notAfter() const;

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace posthouse::net
