#pragma once
#include "daemon/daemon.h"
#include "mail/admin/v1/daemon.grpc.pb.h"

namespace posthouse::daemon {

/// mail.admin.v1.Daemon: what every program answers about itself.
class DaemonService final : public mail::admin::v1::Daemon::CallbackService {
 public:
  explicit DaemonService(Daemon& daemon) : daemon_(daemon) {}

  grpc::ServerUnaryReactor* GetStatus(grpc::CallbackServerContext* context,
                                      const mail::admin::v1::GetStatusRequest* request,
                                      mail::admin::v1::Status* response) override;
  grpc::ServerUnaryReactor* Reload(grpc::CallbackServerContext* context, const mail::admin::v1::ReloadRequest* request,
                                   mail::admin::v1::ReloadResponse* response) override;
  grpc::ServerUnaryReactor* Drain(grpc::CallbackServerContext* context, const mail::admin::v1::DrainRequest* request,
                                  mail::admin::v1::DrainResponse* response) override;
  grpc::ServerUnaryReactor* SetLogLevel(grpc::CallbackServerContext* context,
                                        const mail::admin::v1::SetLogLevelRequest* request,
                                        mail::admin::v1::SetLogLevelResponse* response) override;

 private:
  Task<grpc::Status> status(mail::admin::v1::Status& response);
  Task<grpc::Status> reload(mail::admin::v1::ReloadResponse& response);
  Task<grpc::Status> drain();
  Task<grpc::Status> setLogLevel(const std::string& level);

  Daemon& daemon_;
};

}  // namespace posthouse::daemon
