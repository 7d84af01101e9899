#include "daemon/daemon_service.h"

#include "rpc/answer.h"

namespace posthouse::daemon {

grpc::ServerUnaryReactor* DaemonService::GetStatus(grpc::CallbackServerContext* context,
                                                   const mail::admin::v1::GetStatusRequest*,
                                                   mail::admin::v1::Status* response) {
  return rpc::answer(daemon_.loop(), context, [this, response] { return status(*response); });
}

Task<grpc::Status> DaemonService::status(mail::admin::v1::Status& response) {
  response.set_service(daemon_.service());
  response.set_version(POSTHOUSE_VERSION);
  response.set_started_at(std::chrono::system_clock::to_time_t(daemon_.startedAt()));
  const auto reasons = daemon_.readiness().reasons();
  response.set_ready(reasons.empty());
  for (const std::string& reason : reasons) response.add_not_ready_because(reason);
  co_return grpc::Status::OK;
}

grpc::ServerUnaryReactor* DaemonService::Reload(grpc::CallbackServerContext* context,
                                                const mail::admin::v1::ReloadRequest*,
                                                mail::admin::v1::ReloadResponse* response) {
  return rpc::answer(daemon_.loop(), context, [this, response] { return reload(*response); });
}

Task<grpc::Status> DaemonService::reload(mail::admin::v1::ReloadResponse& response) {
  const Daemon::Reloaded reloaded = daemon_.reload();
  for (const std::string& error : reloaded.errors) response.add_errors(error);
  for (const std::string& key : reloaded.needRestart) response.add_changed_needs_restart(key);
  co_return grpc::Status::OK;
}

grpc::ServerUnaryReactor* DaemonService::Drain(grpc::CallbackServerContext* context,
                                               const mail::admin::v1::DrainRequest*, mail::admin::v1::DrainResponse*) {
  return rpc::answer(daemon_.loop(), context, [this] { return drain(); });
}

Task<grpc::Status> DaemonService::drain() {
  daemon_.beginDrain();
  co_return grpc::Status::OK;
}

grpc::ServerUnaryReactor* DaemonService::SetLogLevel(grpc::CallbackServerContext* context,
                                                     const mail::admin::v1::SetLogLevelRequest* request,
                                                     mail::admin::v1::SetLogLevelResponse*) {
  return rpc::answer(daemon_.loop(), context, [this, request] { return setLogLevel(request->level()); });
}

Task<grpc::Status> DaemonService::setLogLevel(const std::string& level) {
  const auto parsed = observe::parseLevel(level);
  if (!parsed) co_return grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "the levels are debug, info, warn and error");
  daemon_.setLogLevel(*parsed);
  co_return grpc::Status::OK;
}

}  // namespace posthouse::daemon
