#include "import/mail_import_service.h"

namespace posthouse::lmtp_delivery {

namespace admin = mail::admin::v1;

grpc::ServerBidiReactor<admin::ImportMailRequest, admin::ImportMailResponse>* MailImportService::Import(
    grpc::CallbackServerContext* context) {
  return rpc::answerExchange<admin::ImportMailRequest, admin::ImportMailResponse>(
      parts_.loop, [this, context](ImportExchange& exchange) { return serve(*context, exchange); });
}

Task<grpc::Status> MailImportService::serve(grpc::CallbackServerContext& context, ImportExchange& exchange) {
  if (stop_.stop_requested()) co_return grpc::Status(grpc::StatusCode::UNAVAILABLE, "lmtp-delivery is ending");
  const std::stop_callback cutOff(stop_, [&context] { context.TryCancel(); });
  ++running_;
  idle_.reset();
  grpc::Status status;
  std::exception_ptr failure;
  try {
    MailImport import(parts_, context, exchange);
    status = co_await import.run();
  } catch (...) {
    failure = std::current_exception();
  }
  if (--running_ == 0) idle_.set();
  if (failure) std::rethrow_exception(failure);
  co_return status;
}

Task<> MailImportService::drained() {
  while (running_ > 0) co_await idle_;
}

}  // namespace posthouse::lmtp_delivery
