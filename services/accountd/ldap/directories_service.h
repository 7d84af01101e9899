#pragma once
#include "administration/journal.h"
#include "ldap/office.h"
#include "mail/admin/v1/directories.grpc.pb.h"
#include "net/loop.h"

namespace posthouse::accountd::ldap {

/// mail.admin.v1.Directories: translates between gRPC and the Office. Who may call is as for AccountAdminService.
class DirectoriesService final : public mail::admin::v1::Directories::CallbackService {
 public:
  DirectoriesService(net::Loop& loop, Office office, Journal& journal)
      : loop_(loop), office_(std::move(office)), journal_(journal) {}

 private:
  template <class Request, class Response>
  using Unary = grpc::ServerUnaryReactor*(grpc::CallbackServerContext*, const Request*, Response*);

  Unary<mail::admin::v1::CheckDirectoriesRequest, mail::admin::v1::CheckDirectoriesResponse> CheckDirectories override;
  Unary<mail::admin::v1::LookUpAddressRequest, mail::admin::v1::LookUpAddressResponse> LookUpAddress override;
  Unary<mail::admin::v1::AdoptUserRequest, mail::admin::v1::User> AdoptUser override;
  Unary<mail::admin::v1::ReleaseUserRequest, mail::admin::v1::User> ReleaseUser override;

  net::Loop& loop_;
  const Office office_;
  Journal& journal_;
};

}  // namespace posthouse::accountd::ldap
