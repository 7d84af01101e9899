#pragma once
#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include "context.h"
#include "mail/admin/v1/mail_import.grpc.pb.h"

namespace posthouse::mailctl::maildir {

namespace admin = ::mail::admin::v1;

/// One call of mail.admin.v1.MailImport.Import. Messages are sent while others are stored: a thread of its own hears
/// what became of them. How many are on their way is bounded, by number and octets.
class ImportStream {
 public:
  /// What is remembered of a message until it is answered.
  struct Sent {
    std::string where;  // its file
    bool hasOldId = false;
    std::uint64_t octets = 0;
  };
  /// Called by the other thread.
  using OnAnswer = std::function<void(const Sent&, const admin::ImportedMessage&)>;

  /// The call has ended early; finish() says why.
  struct Ended : std::runtime_error {
    Ended() : std::runtime_error("the import was ended by lmtp-delivery") {}
  };

  /// Begins. Throws Failure if nothing may be imported.
  ImportStream(Context& context, const admin::BeginMailImport& begin, OnAnswer onAnswer);
  ~ImportStream();

  const admin::MailImportBegun& begun() const noexcept { return begun_; }

  /// Where the messages that follow go. Why they cannot, or nothing. Throws Ended.
  std::string folder(const std::string& name, bool subscribe);
  /// Waits for room, then sends the beginning of a message. The number is given here. Throws Ended.
  void send(admin::ImportMessage message, Sent sent);
  void send(admin::ImportOctets octets);

  /// Nothing more is sent; waits for all answers. Throws Failure if the call did not end well, or before all was sent
  /// and answered.
  void finish();

 private:
  void hear();
  void watch(std::stop_token stop);
  void write(const admin::ImportMailRequest& request);
  [[noreturn]] void endEarly();
  void take(const admin::ImportedMessage& message);

  grpc::ClientContext call_;
  std::unique_ptr<admin::MailImport::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<admin::ImportMailRequest, admin::ImportMailResponse>> stream_;
  OnAnswer onAnswer_;
  admin::MailImportBegun begun_;
  std::uint64_t next_ = 0;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::map<std::uint64_t, Sent> sent_;  // and not answered
  std::uint64_t octets_ = 0;            // of these
  std::optional<std::string> folderAnswer_;
  bool ended_ = false;
  bool isCutShort_ = false;  // something was left unsent
  bool isSilent_ = false;    // it was cut off because nothing was heard for long
  std::uint64_t heard_ = 0;
  std::jthread listener_;
  std::jthread watcher_;
};

}  // namespace posthouse::mailctl::maildir
