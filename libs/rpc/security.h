#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "config/section.h"

namespace grpc {
class ServerCredentials;
class ChannelCredentials;
}  // namespace grpc

namespace posthouse::rpc {

/// Who may call whom: on a unix socket, its permissions decide; over TCP both sides prove themselves by a certificate
/// of one authority (mutual TLS), without exception. The files are read again when they change.
struct Security {
  std::string certificateFile;  // PEM, with its chain
  std::string keyFile;
  std::string authorityFile;  // PEM; trusted for both directions
  /// Names in the certificates of those who may call the administration (mail.admin.v1); empty: all of the authority.
  std::vector<std::string> administrators;
  std::chrono::seconds refresh{10};  // how often the files are looked at

  /// [grpc] certificate, key, ca_file: all or none, and files that can be used; administrators.
  static Security from(config::Section section);

  bool hasCertificate() const noexcept { return !certificateFile.empty(); }
};

/// Throws std::runtime_error for a TCP address without certificates, a file that cannot be read, or a key that is not
/// the certificate's.
std::shared_ptr<grpc::ServerCredentials> serverCredentials(const std::string& address, const Security& security);
std::shared_ptr<grpc::ChannelCredentials> channelCredentials(const std::string& address, const Security& security);

}  // namespace posthouse::rpc
