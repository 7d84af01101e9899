#pragma once
#include "administration/certificates.h"
#include "administration/journal.h"
#include "mail/admin/v1/certificates.grpc.pb.h"
#include "net/loop.h"

namespace posthouse::accountd {

/// mail.admin.v1.CertificateAdmin: translates between gRPC and Certificates. Who may call is decided as for
/// AccountAdminService.
class CertificateAdminService final : public mail::admin::v1::CertificateAdmin::CallbackService {
 public:
  CertificateAdminService(net::Loop& loop, Certificates& certificates, Journal& journal)
      : loop_(loop), certificates_(certificates), journal_(journal) {}

 private:
  template <class Request, class Response>
  using Unary = grpc::ServerUnaryReactor*(grpc::CallbackServerContext*, const Request*, Response*);

  Unary<mail::admin::v1::AddCertificateRequest, mail::admin::v1::ClientCertificate> AddCertificate override;
  Unary<mail::admin::v1::ListCertificatesRequest, mail::admin::v1::ListCertificatesResponse> ListCertificates override;
  Unary<mail::admin::v1::RemoveCertificateRequest, mail::admin::v1::RemoveCertificateResponse> RemoveCertificate
      override;

  net::Loop& loop_;
  Certificates& certificates_;
  Journal& journal_;
};

}  // namespace posthouse::accountd
