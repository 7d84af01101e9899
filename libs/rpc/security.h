#pragma once
#include <memory>
#include <string>

#include "config/section.h"

namespace grpc {
class ServerCredentials;
class ChannelCredentials;
}  // namespace grpc

namespace posthouse::rpc {

/// Who may call whom: on a unix socket, its permissions decide; over TCP both sides prove themselves by a certificate
/// of one authority (mutual TLS), without exception.
struct Security {
  std::string certificateFile;  // PEM, with its chain
  std::string keyFile;
  std::string authorityFile;  // PEM; trusted for both directions

  /// [grpc] certificate, key, ca_file: all or none.
  static Security from(config::Section section);

  bool hasCertificate() const noexcept { return !certificateFile.empty(); }
};

/// Throws std::runtime_error for a TCP address without certificates, or a file that cannot be read.
std::shared_ptr<grpc::ServerCredentials> serverCredentials(const std::string& address, const Security& security);
std::shared_ptr<grpc::ChannelCredentials> channelCredentials(const std::string& address, const Security& security);

}  // namespace posthouse::rpc
