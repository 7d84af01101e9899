#include "administration/certificate_admin_service.h"

#include <chrono>

#include "administration/actor.h"
#include "administration/admin_answers.h"

namespace posthouse::accountd {
namespace {

namespace admin = mail::admin::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

}  // namespace

// Found by their arguments, from admin_answers.h.
static const std::string& subject(const UserCertificate& certificate) {
  return certificate.address;
}

static void tell(const UserCertificate& certificate, admin::ClientCertificate& message) {
  const store::ClientCertificate& says = certificate.certificate;
  message.set_fingerprint(says.fingerprint);
  message.set_address(certificate.address);
  message.set_label(says.label);
  message.set_subject(says.subject);
  message.set_not_after(says.notAfter.time_since_epoch().count());
  message.set_added_at(std::chrono::floor<std::chrono::seconds>(says.addedAt).time_since_epoch().count());
}

static void tell(const std::vector<UserCertificate>& certificates, admin::ListCertificatesResponse& response) {
  for (const UserCertificate& certificate : certificates) tell(certificate, *response.add_certificates());
}

ServerUnaryReactor* CertificateAdminService::AddCertificate(CallbackServerContext* context,
                                                            const admin::AddCertificateRequest* request,
                                                            admin::ClientCertificate* response) {
  return serve(loop_, context,
               change(certificates_.as(actorOf(*context)), *response, journal_, "certificate.add", &Certificates::add,
                      NewCertificate{request->address(), request->certificate(), request->label()}));
}

ServerUnaryReactor* CertificateAdminService::ListCertificates(CallbackServerContext* context,
                                                              const admin::ListCertificatesRequest* request,
                                                              admin::ListCertificatesResponse* response) {
  return serve(loop_, context,
               read(certificates_.as(actorOf(*context)), *response, &Certificates::list, request->address()));
}

ServerUnaryReactor* CertificateAdminService::RemoveCertificate(CallbackServerContext* context,
                                                               const admin::RemoveCertificateRequest* request,
                                                               admin::RemoveCertificateResponse*) {
  return serve(loop_, context,
               removal(certificates_.as(actorOf(*context)), journal_, "certificate.remove", &Certificates::remove,
                       request->address(), request->fingerprint()));
}

}  // namespace posthouse::accountd
