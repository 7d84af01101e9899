#pragma once
#include <grpcpp/server_context.h>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "async/completion.h"
#include "async/handover.h"
#include "async/task_group.h"
#include "base/memory_budget.h"
#include "config.h"
#include "import/import_metrics.h"
#include "import/import_permission.h"
#include "import/import_store.h"
#include "import/incoming.h"
#include "mail/admin/v1/mail_import.pb.h"
#include "net/loop.h"
#include "observe/log.h"
#include "rpc/answer.h"

namespace posthouse::lmtp_delivery {

using ImportExchange = rpc::Exchange<mail::admin::v1::ImportMailRequest, mail::admin::v1::ImportMailResponse>;

/// One call of mail.admin.v1.MailImport.Import: messages are read, stored and answered at the same time, each stage
/// taking from the one before it what is there, so that many small ones share a transaction. What is under way is
/// bounded, and the client is not read any further until some of it is done.
class MailImport {
 public:
  /// What all imports share, and outlives them.
  struct Parts {
    net::Loop& loop;
    const Config& config;
    db::Database& database;
    events::Publisher& publisher;
    ImportPermission& permission;
    MemoryBudget& memory;
    ImportMetrics& metrics;
    const observe::Log& log;
  };

  MailImport(const Parts& parts, grpc::CallbackServerContext& context, ImportExchange& exchange)
      : parts_(parts), context_(context), exchange_(exchange) {}

  Task<grpc::Status> run();

 private:
  using Request = mail::admin::v1::ImportMailRequest;
  using Response = mail::admin::v1::ImportMailResponse;

  Task<grpc::Status> transfer();
  Task<grpc::Status> read();
  Task<> open(const mail::admin::v1::ImportFolder& folder);
  grpc::Status begin(mail::admin::v1::ImportMessage& message);
  Task<grpc::Status> add(std::string octets, bool more);
  void refuse(std::string why);
  void handOver();
  Task<> store();
  Task<> storeTogether(std::span<const Incoming> messages);
  Task<> answer();
  Response answerTo(const Incoming& message, const Imported& imported);
  Response refusalOf(std::uint64_t number, std::string error);
  void fail(std::exception_ptr failure);
  Task<> lookForClient(std::stop_token ended);
  Task<> cutOffLater(std::stop_token ended);
  void record() const;

  const Parts& parts_;
  grpc::CallbackServerContext& context_;
  ImportExchange& exchange_;
  directory::Account account_;
  std::optional<ImportStore> store_;

  std::string folder_;  // its name
  std::optional<store::MailboxId> mailbox_;
  std::string folderError_;  // why there is no mailbox_
  std::optional<Incoming> arriving_;

  std::size_t underWay_ = 0;  // messages read and not answered
  std::size_t octets_ = 0;    // of these
  std::uint64_t imported_ = 0;
  std::uint64_t present_ = 0;
  std::uint64_t refused_ = 0;
  bool clientIsGone_ = false;
  std::exception_ptr failure_;
  Event room_;
  Handover<Incoming> ready_;
  struct Answer {
    Response response;
    std::size_t octets;
    bool isOfMessage;
  };
  Handover<Answer> answers_;
  TaskGroup storing_{[this](std::exception_ptr failure) { fail(std::move(failure)); }};
  TaskGroup answering_;
  std::stop_source ended_;
  TaskGroup parting_;
};

}  // namespace posthouse::lmtp_delivery
