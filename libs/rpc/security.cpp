#include "rpc/security.h"

#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>

#include "net/tls_certificate.h"
#include "net/tls_context.h"

namespace posthouse::rpc {

namespace {

bool isUnix(const std::string& address) {
  return address.starts_with("unix:");
}

void requireCertificate(const std::string& address, const Security& security) {
  if (!security.hasCertificate()) {
    throw std::runtime_error("gRPC over TCP (" + address +
                             ") needs mutual TLS: set grpc.certificate, grpc.key and grpc.ca_file, or use unix:/path");
  }
  // gRPC would only fail handshakes later.
  net::TlsContext::server(security.certificateFile, security.keyFile);
  net::TlsContext::client(net::TlsContext::Verify::serverName, security.authorityFile);
}

/// A start would fail on these.
void noteUnusable(config::Section& section, const Security& security) {
  try {
    net::TlsCertificate::load(security.certificateFile, security.keyFile);
  } catch (const net::BadTlsFile& bad) {
    section.fail(bad.of == net::BadTlsFile::Of::key ? "key" : "certificate", bad.what());
  }
  try {
    net::TlsContext::client(net::TlsContext::Verify::serverName, security.authorityFile);
  } catch (const std::runtime_error& bad) {
    section.fail("ca_file", bad.what());
  }
}

std::shared_ptr<grpc::experimental::CertificateProviderInterface> watchedFiles(const Security& security) {
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
      security.keyFile, security.certificateFile, security.authorityFile,
      static_cast<unsigned>(security.refresh.count()));
}

/// Lets only the administrators' certificates call mail.admin.v1.
class OnlyAdministrators final : public grpc::AuthMetadataProcessor {
 public:
  explicit OnlyAdministrators(std::vector<std::string> names) : names_(std::move(names)) {}

  bool IsBlocking() const override { return false; }

  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context, OutputMetadata*,
                       OutputMetadata*) override {
    const auto path = metadata.find(":path");
    if (path != metadata.end() && !path->second.starts_with("/mail.admin.v1.")) return grpc::Status::OK;
    for (const char* property : {GRPC_X509_SAN_PROPERTY_NAME, GRPC_X509_CN_PROPERTY_NAME}) {
      for (const grpc::string_ref& name : context->FindPropertyValues(property)) {
        if (std::ranges::find(names_, std::string_view(name.data(), name.size())) != names_.end())
          return grpc::Status::OK;
      }
    }
    return {grpc::StatusCode::PERMISSION_DENIED, "this certificate is not among grpc.administrators"};
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace

Security Security::from(config::Section section) {
  Security security;
  security.certificateFile = section.text("certificate", "");
  security.keyFile = section.text("key", "");
  security.authorityFile = section.text("ca_file", "");
  const bool none = security.certificateFile.empty() && security.keyFile.empty() && security.authorityFile.empty();
  const bool all = !security.certificateFile.empty() && !security.keyFile.empty() && !security.authorityFile.empty();
  if (!none && !all) section.fail("certificate", "mutual TLS needs certificate, key and ca_file together");
  if (all) noteUnusable(section, security);
  security.administrators = section.list("administrators");
  section.rejectUnread();
  return security;
}

std::shared_ptr<grpc::ServerCredentials> serverCredentials(const std::string& address, const Security& security) {
  if (isUnix(address)) return grpc::InsecureServerCredentials();
  requireCertificate(address, security);
  grpc::experimental::TlsServerCredentialsOptions options(watchedFiles(security));
  options.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  auto credentials = grpc::experimental::TlsServerCredentials(options);
  if (!security.administrators.empty())
    credentials->SetAuthMetadataProcessor(std::make_shared<OnlyAdministrators>(security.administrators));
  return credentials;
}

std::shared_ptr<grpc::ChannelCredentials> channelCredentials(const std::string& address, const Security& security) {
  if (isUnix(address)) return grpc::InsecureChannelCredentials();
  requireCertificate(address, security);
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(watchedFiles(security));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace posthouse::rpc
