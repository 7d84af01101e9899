// The first stage of an import: what the client sends becomes messages.
#include <fmt/format.h>

#include <utility>

#include "import/mail_import.h"
#include "message/header.h"

namespace posthouse::lmtp_delivery {

namespace admin = mail::admin::v1;
using grpc::StatusCode;

namespace {

constexpr std::size_t kUnderWay = 1000;  // messages
constexpr std::size_t kOctetsUnderWay = 8 * 1024 * 1024;

grpc::Status misuse(const char* text) {
  return {StatusCode::INVALID_ARGUMENT, text};
}

}  // namespace

/// Until the client has sent all. What it sends while there is no room waits on its way.
Task<grpc::Status> MailImport::read() {
  for (;;) {
    while (!failure_ && !context_.IsCancelled() && (underWay_ >= kUnderWay || octets_ >= kOctetsUnderWay)) {
      room_.reset();
      co_await room_;
    }
    if (failure_) co_return grpc::Status::OK;  // transfer() tells
    std::optional<Request> request = co_await exchange_.next();
    if (!request) co_return arriving_ ? misuse("the last message is not whole") : grpc::Status::OK;
    if (request->has_octets() != arriving_.has_value())
      co_return misuse(arriving_ ? "the rest of a message was expected" : "octets without a message");
    grpc::Status status;
    if (request->has_folder()) {
      co_await open(request->folder());
    } else if (request->has_message()) {
      status = begin(*request->mutable_message());
      if (status.ok())
        status = co_await add(std::move(*request->mutable_message()->mutable_octets()), request->message().more());
    } else if (request->has_octets() && request->octets().abandoned()) {
      refuse("it was given up by who sent it");
      handOver();
    } else if (request->has_octets()) {
      status = co_await add(std::move(*request->mutable_octets()->mutable_octets()), request->octets().more());
    } else {
      status = misuse("there is no such step in an import");
    }
    if (!status.ok()) co_return status;
  }
}

Task<> MailImport::open(const admin::ImportFolder& folder) {
  folder_ = folder.name();
  const auto opened = co_await store_->folder(folder.name(), folder.subscribe());
  mailbox_.reset();
  folderError_.clear();
  if (opened) {
    mailbox_ = *opened;
  } else {
    folderError_ = opened.error();
  }
  Response response;
  response.mutable_folder()->set_error(folderError_);
  answers_.put({std::move(response), 0, false});
}

grpc::Status MailImport::begin(admin::ImportMessage& message) {
  if (!mailbox_ && folderError_.empty()) return misuse("a folder comes before its messages");
  if (message.key().empty()) return misuse("a message has a key");
  arriving_.emplace();
  arriving_->number = message.number();
  arriving_->mailbox = mailbox_.value_or(store::MailboxId{});
  // Of its own kind: queue ids have no space.
  arriving_->key = fmt::format("mail import\n{}\n{}", folder_, message.key());
  arriving_->flags.assign(message.flags().begin(), message.flags().end());
  arriving_->internalDate = std::chrono::system_clock::time_point(std::chrono::microseconds(message.internal_date()));
  arriving_->uniqueId = std::move(*message.mutable_unique_id());
  arriving_->memory = std::make_unique<MemoryShare>(parts_.memory);
  arriving_->refusal = folderError_;
  return grpc::Status::OK;
}

/// Waits where many large messages are under way in the process.
Task<grpc::Status> MailImport::add(std::string octets, bool more) {
  constexpr std::chrono::milliseconds kPause{100};
  constexpr int kMostPauses = 600;
  std::string& content = arriving_->octets;
  if (arriving_->refusal.empty()) {
    if (content.empty()) {
      content = std::move(octets);
    } else {
      content += octets;
    }
  }
  if (content.size() > parts_.config.maxMessageSize)
    refuse(fmt::format("it is larger than the {} octets that lmtp-delivery.max_message_size allows",
                       parts_.config.maxMessageSize));
  for (int pause = 0; arriving_->refusal.empty() && !arriving_->memory->grow(content.capacity()); ++pause) {
    if (context_.IsCancelled()) co_return grpc::Status::CANCELLED;
    if (pause == kMostPauses)
      co_return grpc::Status(StatusCode::UNAVAILABLE, "too much mail at once (lmtp-delivery.message_memory)");
    co_await parts_.loop.sleep(kPause);
  }
  if (!more && arriving_->refusal.empty() && message::Header::of(content).size() > parts_.config.maxHeaderSize)
    refuse("its header is larger than lmtp-delivery.max_header_size allows");
  if (!more) handOver();
  co_return grpc::Status::OK;
}

/// Nothing is kept of what is not to be stored.
void MailImport::refuse(std::string why) {
  arriving_->refusal = std::move(why);
  arriving_->octets = {};
  arriving_->memory->release();
}

void MailImport::handOver() {
  ++underWay_;
  octets_ += arriving_->octets.size();
  ready_.put(std::move(*arriving_));
  arriving_.reset();
}

}  // namespace posthouse::lmtp_delivery
