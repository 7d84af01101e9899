#include "import/mail_import.h"

#include <fmt/format.h>

#include <utility>

#include "db/errors.h"
#include "message/header.h"

namespace posthouse::lmtp_delivery {

namespace admin = mail::admin::v1;
using admin::ImportedMessage;
using grpc::StatusCode;
using store::DeliveryStatus;
using store::UniqueIdFate;

namespace {

constexpr std::size_t kTogether = 200;  // messages in one transaction
constexpr std::size_t kUnderWay = 5 * kTogether;
constexpr std::size_t kOctetsUnderWay = 8 * 1024 * 1024;
constexpr std::size_t kTogetherOctets = 2 * 1024 * 1024;

grpc::Status misuse(const char* text) {
  return {StatusCode::INVALID_ARGUMENT, text};
}

ImportedMessage::UniqueId fateOf(const std::optional<UniqueIdFate>& fate) {
  if (!fate) return ImportedMessage::UNIQUE_ID_UNSPECIFIED;
  switch (*fate) {
    case UniqueIdFate::kept:
      return ImportedMessage::UNIQUE_ID_KEPT;
    case UniqueIdFate::taken:
      return ImportedMessage::UNIQUE_ID_TAKEN;
    case UniqueIdFate::differs:
      return ImportedMessage::UNIQUE_ID_DIFFERS;
    case UniqueIdFate::gone:
      return ImportedMessage::UNIQUE_ID_UNSPECIFIED;
    case UniqueIdFate::reserved:
    case UniqueIdFate::invalid:
      break;
  }
  return ImportedMessage::UNIQUE_ID_UNFIT;
}

std::string explain(DeliveryStatus status) {
  switch (status) {
    case DeliveryStatus::overQuota:
      return "the mailbox is full";
    case DeliveryStatus::noSuchAccount:
      return "the account has been removed";
    case DeliveryStatus::noSuchMailbox:
      return "the folder has been removed";
    default:
      return "it could not be stored";
  }
}

}  // namespace

Task<grpc::Status> MailImport::run() {
  const std::optional<Request> first = co_await exchange_.next();
  if (!first) co_return grpc::Status::CANCELLED;
  if (!first->has_begin()) co_return misuse("an import begins with `begin`");
  const auto account = co_await parts_.permission.ask(context_, first->begin());
  if (!account) co_return account.error();
  account_ = *account;
  Response begun;
  begun.mutable_begun()->set_address(account_.address);
  begun.mutable_begun()->set_max_message_size(parts_.config.maxMessageSize);
  const bool heard = co_await exchange_.write(begun);
  if (!heard) co_return grpc::Status::CANCELLED;
  if (first->begin().dry_run()) co_return grpc::Status::OK;

  store_.emplace(parts_.database, parts_.publisher, store::AccountId{account_.id});
  parts_.metrics.running.Increment();
  grpc::Status status = co_await transfer();
  parts_.metrics.running.Decrement();
  record();
  co_return status;
}

Task<grpc::Status> MailImport::transfer() {
  storing_.spawn(store());
  answering_.spawn(answer());
  parting_.spawn(lookForClient(ended_.get_token()));
  grpc::Status status;
  try {
    status = co_await read();
  } catch (...) {
    fail(std::current_exception());
  }
  ready_.close();
  co_await storing_.drained();
  answers_.close();
  co_await answering_.drained();
  ended_.request_stop();
  co_await parting_.drained();
  try {
    if (failure_) std::rethrow_exception(failure_);
  } catch (const std::exception& error) {
    parts_.log.warn("lmtp.import.failed", "an import ended before its end",
                    {{"account_id", account_.id}, {"error", error.what()}});
    co_return grpc::Status(StatusCode::UNAVAILABLE, error.what());
  }
  co_return clientIsGone_ ? grpc::Status::CANCELLED : status;
}

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

Task<> MailImport::store() {
  for (;;) {
    const std::vector<Incoming> messages = co_await ready_.take(kTogether);
    if (messages.empty()) co_return;
    if (failure_) continue;
    for (std::size_t first = 0; first < messages.size();) {
      std::size_t next = first;
      std::size_t octets = 0;
      while (next < messages.size() && messages[next].refusal.empty() &&
             (next == first || octets + messages[next].octets.size() <= kTogetherOctets))
        octets += messages[next++].octets.size();
      if (next > first) {
        co_await storeTogether(std::span(messages).subspan(first, next - first));
      } else {
        answers_.put({refusalOf(messages[next].number, messages[next].refusal), 0, true});
        ++next;
      }
      first = next;
    }
  }
}

/// Whatever one of them has brought about is not to become the others' trouble.
Task<> MailImport::storeTogether(std::span<const Incoming> messages) {
  std::string trouble;
  try {
    const std::vector<Imported> imported = co_await store_->store(messages);
    for (std::size_t i = 0; i < messages.size(); ++i)
      answers_.put({answerTo(messages[i], imported[i]), messages[i].octets.size(), true});
    co_return;
  } catch (const db::Unavailable&) {
    throw;
  } catch (const db::CommitUnknown&) {
    throw;
  } catch (const db::Busy&) {
    throw;
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  if (messages.size() == 1) {
    answers_.put({refusalOf(messages.front().number, "it could not be stored: " + trouble),
                  messages.front().octets.size(), true});
    co_return;
  }
  for (std::size_t i = 0; i < messages.size(); ++i) co_await storeTogether(messages.subspan(i, 1));
}

Task<> MailImport::answer() {
  for (;;) {
    const std::vector<Answer> answers = co_await answers_.take(kTogether);
    if (answers.empty()) co_return;
    for (const Answer& answer : answers) {
      if (!clientIsGone_) {
        const bool taken = co_await exchange_.write(answer.response);
        clientIsGone_ = !taken;
      }
      if (answer.isOfMessage) --underWay_;
      octets_ -= answer.octets;
    }
    room_.set();
  }
}

MailImport::Response MailImport::answerTo(const Incoming& message, const Imported& imported) {
  const DeliveryStatus status = imported.delivered.status;
  if (status != DeliveryStatus::stored && status != DeliveryStatus::repeated) {
    Response response = refusalOf(message.number, explain(status));
    if (status == DeliveryStatus::overQuota) response.mutable_message()->set_result(ImportedMessage::RESULT_OVER_QUOTA);
    return response;
  }
  const bool isNew = status == DeliveryStatus::stored;
  ++(isNew ? imported_ : present_);
  (isNew ? parts_.metrics.imported : parts_.metrics.present).Increment();
  Response response;
  ImportedMessage& told = *response.mutable_message();
  told.set_number(message.number);
  told.set_result(isNew ? ImportedMessage::RESULT_IMPORTED : ImportedMessage::RESULT_PRESENT);
  told.set_unique_id(fateOf(imported.uniqueId));
  if (isNew) told.mutable_lost_flags()->Assign(imported.lostFlags.begin(), imported.lostFlags.end());
  return response;
}

MailImport::Response MailImport::refusalOf(std::uint64_t number, std::string error) {
  ++refused_;
  parts_.metrics.refused.Increment();
  Response response;
  response.mutable_message()->set_number(number);
  response.mutable_message()->set_result(ImportedMessage::RESULT_REFUSED);
  response.mutable_message()->set_error(std::move(error));
  return response;
}

/// What was begun ends, nothing more begins. The client is told, who then ends its side, so that it hears the reason.
void MailImport::fail(std::exception_ptr failure) {
  if (failure_) return;
  failure_ = std::move(failure);
  Response response;
  response.mutable_failed();
  answers_.put({std::move(response), 0, false});
  parting_.spawn(cutOffLater(ended_.get_token()));
  room_.set();
}

/// Who is not heard any more is not waited for.
Task<> MailImport::lookForClient(std::stop_token ended) {
  constexpr std::chrono::seconds kBetween{1};
  try {
    while (!context_.IsCancelled()) co_await parts_.loop.sleep(kBetween, ended);
    room_.set();
  } catch (const net::Interrupted&) {  // it has ended
  }
}

Task<> MailImport::cutOffLater(std::stop_token ended) {
  constexpr std::chrono::seconds kPatience{10};
  try {
    co_await parts_.loop.sleep(kPatience, std::move(ended));
    context_.TryCancel();
  } catch (const net::Interrupted&) {  // it has ended
  }
}

void MailImport::record() const {
  parts_.log.info("lmtp.import.done", "mail of another server was imported",
                  {{"account_id", account_.id},
                   {"imported", static_cast<std::int64_t>(imported_)},
                   {"present", static_cast<std::int64_t>(present_)},
                   {"refused", static_cast<std::int64_t>(refused_)}});
}

}  // namespace posthouse::lmtp_delivery
