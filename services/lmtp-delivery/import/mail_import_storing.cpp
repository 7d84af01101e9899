// The second and the third stage of an import: messages are stored together, and each is answered.
#include <utility>

#include "db/errors.h"
#include "import/mail_import.h"

namespace posthouse::lmtp_delivery {

using mail::admin::v1::ImportedMessage;
using store::DeliveryStatus;
using store::UniqueIdFate;

namespace {

constexpr std::size_t kTogether = 200;  // messages in one transaction
constexpr std::size_t kTogetherOctets = 2 * 1024 * 1024;

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

}  // namespace posthouse::lmtp_delivery
