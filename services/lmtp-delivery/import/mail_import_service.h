#pragma once
#include <stop_token>

#include "async/completion.h"
#include "import/mail_import.h"
#include "mail/admin/v1/mail_import.grpc.pb.h"

namespace posthouse::lmtp_delivery {

/// mail.admin.v1.MailImport, each call a MailImport.
class MailImportService final : public mail::admin::v1::MailImport::CallbackService {
 public:
  /// When `stop` is pulled, imports are cut off: who made them comes again.
  MailImportService(const MailImport::Parts& parts, std::stop_token stop) : parts_(parts), stop_(std::move(stop)) {}

  /// Before the end, after `stop`: no import runs any more.
  Task<> drained();

 private:
  grpc::ServerBidiReactor<mail::admin::v1::ImportMailRequest, mail::admin::v1::ImportMailResponse>* Import(
      grpc::CallbackServerContext* context) override;
  Task<grpc::Status> serve(grpc::CallbackServerContext& context, ImportExchange& exchange);

  const MailImport::Parts parts_;
  const std::stop_token stop_;
  std::size_t running_ = 0;
  Event idle_;
};

}  // namespace posthouse::lmtp_delivery
