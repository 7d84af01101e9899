#pragma once
#include "administration/app_passwords.h"
#include "administration/journal.h"
#include "administration/totp.h"
#include "mail/admin/v1/second_factors.grpc.pb.h"
#include "net/loop.h"

namespace posthouse::accountd {

template <class Request, class Response>
using AdminCall = grpc::ServerUnaryReactor*(grpc::CallbackServerContext*, const Request*, Response*);

/// mail.admin.v1.AppPasswords: translates between gRPC and the office. Who may call: as of AccountAdminService.
class AppPasswordsService final : public mail::admin::v1::AppPasswords::CallbackService {
 public:
  AppPasswordsService(net::Loop& loop, AppPasswordOffice& office, Journal& journal)
      : loop_(loop), office_(office), journal_(journal) {}

 private:
  AdminCall<mail::admin::v1::AddAppPasswordRequest, mail::admin::v1::AddAppPasswordResponse> AddAppPassword override;
  AdminCall<mail::admin::v1::ListAppPasswordsRequest, mail::admin::v1::ListAppPasswordsResponse> ListAppPasswords
      override;
  AdminCall<mail::admin::v1::RemoveAppPasswordRequest, mail::admin::v1::RemoveAppPasswordResponse> RemoveAppPassword
      override;

  net::Loop& loop_;
  AppPasswordOffice& office_;
  Journal& journal_;
};

/// mail.admin.v1.Totp, likewise.
class TotpService final : public mail::admin::v1::Totp::CallbackService {
 public:
  TotpService(net::Loop& loop, TotpOffice& office, Journal& journal)
      : loop_(loop), office_(office), journal_(journal) {}

 private:
  AdminCall<mail::admin::v1::EnrollTotpRequest, mail::admin::v1::EnrollTotpResponse> EnrollTotp override;
  AdminCall<mail::admin::v1::ConfirmTotpRequest, mail::admin::v1::RecoveryCodes> ConfirmTotp override;
  AdminCall<mail::admin::v1::GetTotpRequest, mail::admin::v1::TotpState> GetTotp override;
  AdminCall<mail::admin::v1::MakeRecoveryCodesRequest, mail::admin::v1::RecoveryCodes> MakeRecoveryCodes override;
  AdminCall<mail::admin::v1::RemoveTotpRequest, mail::admin::v1::RemoveTotpResponse> RemoveTotp override;

  net::Loop& loop_;
  TotpOffice& office_;
  Journal& journal_;
};

}  // namespace posthouse::accountd
