#include "rpc/security.h"

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <fstream>
#include <iterator>

namespace posthouse::rpc {

namespace {

bool isUnix(const std::string& address) {
  return address.starts_with("unix:");
}

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

void requireCertificate(const std::string& address, const Security& security) {
  if (security.hasCertificate()) return;
  throw std::runtime_error("gRPC over TCP (" + address +
                           ") needs mutual TLS: set grpc.certificate, grpc.key and grpc.ca_file, or use unix:/path");
}

}  // namespace

Security Security::from(config::Section section) {
  Security security;
  security.certificateFile = section.text("certificate", "");
  security.keyFile = section.text("key", "");
  security.authorityFile = section.text("ca_file", "");
  const bool none = security.certificateFile.empty() && security.keyFile.empty() && security.authorityFile.empty();
  const bool all = !security.certificateFile.empty() && !security.keyFile.empty() && !security.authorityFile.empty();
  if (!none && !all) section.fail("certificate", "mutual TLS needs certificate, key and ca_file together");
  section.rejectUnread();
  return security;
}

std::shared_ptr<grpc::ServerCredentials> serverCredentials(const std::string& address, const Security& security) {
  if (isUnix(address)) return grpc::InsecureServerCredentials();
  requireCertificate(address, security);
  grpc::SslServerCredentialsOptions options(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = contents(security.authorityFile);
  options.pem_key_cert_pairs.push_back({contents(security.keyFile), contents(security.certificateFile)});
  return grpc::SslServerCredentials(options);
}

std::shared_ptr<grpc::ChannelCredentials> channelCredentials(const std::string& address, const Security& security) {
  if (isUnix(address)) return grpc::InsecureChannelCredentials();
  requireCertificate(address, security);
  return grpc::SslCredentials(
      {contents(security.authorityFile), contents(security.keyFile), contents(security.certificateFile)});
}

}  // namespace posthouse::rpc
