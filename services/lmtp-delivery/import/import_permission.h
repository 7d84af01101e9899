#pragma once
#include <grpcpp/channel.h>
#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <expected>
#include <memory>

#include "async/task.h"
#include "directory/directory.h"
#include "mail/admin/v1/mail_import.pb.h"
#include "net/loop.h"

namespace posthouse::lmtp_delivery {

/// Asks accountd whether a caller may import, and whose the mailbox is.
class ImportPermission {
 public:
  /// `directory` is asked first: users of external directories get their mailbox when somebody wants to reach them.
  ImportPermission(net::Loop& loop, std::shared_ptr<grpc::Channel> channel, directory::Directory& directory)
      : loop_(loop), channel_(std::move(channel)), directory_(directory) {}

  /// In the name of who made `call`.
  Task<std::expected<directory::Account, grpc::Status>> ask(const grpc::CallbackServerContext& call,
                                                            const mail::admin::v1::BeginMailImport& begin);

 private:
  net::Loop& loop_;
  std::shared_ptr<grpc::Channel> channel_;
  directory::Directory& directory_;
};

}  // namespace posthouse::lmtp_delivery
