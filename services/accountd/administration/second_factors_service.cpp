#include "administration/second_factors_service.h"

#include "administration/actor.h"
#include "administration/admin_answers.h"

namespace posthouse::accountd {
namespace {

namespace admin = mail::admin::v1;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

std::int64_t secondsOf(std::chrono::system_clock::time_point time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

void tell(const store::AppPassword& password, admin::AppPassword& message) {
  message.set_label(password.label);
  message.mutable_protocols()->Assign(password.protocols.begin(), password.protocols.end());
  message.mutable_networks()->Assign(password.networks.begin(), password.networks.end());
  message.set_created_at(secondsOf(password.createdAt));
  if (password.expiresAt) message.set_expires_at(secondsOf(*password.expiresAt));
  if (password.usedAt) message.set_used_at(secondsOf(*password.usedAt));
  message.set_used_protocol(password.usedProtocol);
  message.set_used_address(password.usedAddress);
}

NewAppPassword wanted(const admin::AddAppPasswordRequest& request) {
  return {.address = request.address(),
          .label = request.label(),
          .protocols = {request.protocols().begin(), request.protocols().end()},
          .networks = {request.networks().begin(), request.networks().end()},
          .lifetime = std::chrono::seconds(request.lifetime_seconds())};
}

}  // namespace

// What the templates of admin_answers.h find by the types' namespace.
static const std::string& subject(const MadeAppPassword& made) {
  return made.address;
}
static const std::string& subject(const TotpEnrolment& enrolment) {
  return enrolment.address;
}
static const std::string& subject(const RecoveryCodes& codes) {
  return codes.address;
}

static void tell(const MadeAppPassword& made, admin::AddAppPasswordResponse& response) {
  response.set_address(made.address);
  tell(made.appPassword, *response.mutable_app_password());
  response.set_password(made.password);
}

static void tell(const AppPasswordList& list, admin::ListAppPasswordsResponse& response) {
  response.set_address(list.address);
  for (const store::AppPassword& password : list.appPasswords) tell(password, *response.add_app_passwords());
}

static void tell(const TotpEnrolment& enrolment, admin::EnrollTotpResponse& response) {
  response.set_address(enrolment.address);
  response.set_secret(enrolment.secret);
  response.set_uri(enrolment.uri);
}

static void tell(const RecoveryCodes& codes, admin::RecoveryCodes& response) {
  response.set_address(codes.address);
  response.mutable_codes()->Assign(codes.codes.begin(), codes.codes.end());
}

static void tell(const TotpStatus& status, admin::TotpState& response) {
  response.set_address(status.address);
  response.set_state(status.isInForce    ? admin::TotpState::STATE_IN_FORCE
                     : status.isEnrolled ? admin::TotpState::STATE_UNCONFIRMED
                                         : admin::TotpState::STATE_OFF);
  response.set_recovery_codes(status.recoveryCodes);
  response.set_refuses_codes(status.refusesCodes);
}

ServerUnaryReactor* AppPasswordsService::AddAppPassword(CallbackServerContext* context,
                                                        const admin::AddAppPasswordRequest* request,
                                                        admin::AddAppPasswordResponse* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "user.app-password.add",
                      &AppPasswordOffice::add, wanted(*request)));
}

ServerUnaryReactor* AppPasswordsService::ListAppPasswords(CallbackServerContext* context,
                                                          const admin::ListAppPasswordsRequest* request,
                                                          admin::ListAppPasswordsResponse* response) {
  return serve(loop_, context,
               read(office_.as(actorOf(*context)), *response, &AppPasswordOffice::list, request->address()));
}

ServerUnaryReactor* AppPasswordsService::RemoveAppPassword(CallbackServerContext* context,
                                                           const admin::RemoveAppPasswordRequest* request,
                                                           admin::RemoveAppPasswordResponse*) {
  return serve(loop_, context,
               removal(office_.as(actorOf(*context)), journal_, "user.app-password.remove", &AppPasswordOffice::remove,
                       request->address(), request->label()));
}

ServerUnaryReactor* TotpService::EnrollTotp(CallbackServerContext* context, const admin::EnrollTotpRequest* request,
                                            admin::EnrollTotpResponse* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "user.totp.enroll", &TotpOffice::enroll,
                      request->address()));
}

ServerUnaryReactor* TotpService::ConfirmTotp(CallbackServerContext* context, const admin::ConfirmTotpRequest* request,
                                             admin::RecoveryCodes* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "user.totp.confirm", &TotpOffice::confirm,
                      request->address(), request->code()));
}

ServerUnaryReactor* TotpService::GetTotp(CallbackServerContext* context, const admin::GetTotpRequest* request,
                                         admin::TotpState* response) {
  return serve(loop_, context, read(office_.as(actorOf(*context)), *response, &TotpOffice::status, request->address()));
}

ServerUnaryReactor* TotpService::MakeRecoveryCodes(CallbackServerContext* context,
                                                   const admin::MakeRecoveryCodesRequest* request,
                                                   admin::RecoveryCodes* response) {
  return serve(loop_, context,
               change(office_.as(actorOf(*context)), *response, journal_, "user.totp.recovery-codes",
                      &TotpOffice::makeRecoveryCodes, request->address()));
}

ServerUnaryReactor* TotpService::RemoveTotp(CallbackServerContext* context, const admin::RemoveTotpRequest* request,
                                            admin::RemoveTotpResponse*) {
  return serve(
      loop_, context,
      removal(office_.as(actorOf(*context)), journal_, "user.totp.off", &TotpOffice::remove, request->address()));
}

}  // namespace posthouse::accountd
