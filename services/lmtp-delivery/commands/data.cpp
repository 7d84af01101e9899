// DATA, RFC 5321 §4.1.1.4, with a reply for each recipient, RFC 2033 §4.2.
#include <chrono>
#include <exception>

#include "async/task_group.h"
#include "message/header.h"
#include "session.h"
#include "smtp/data_decoder.h"

namespace posthouse::lmtp_delivery {
namespace {

std::string_view resultOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::delivered:
      return "delivered";
    case Verdict::overQuota:
      return "over_quota";
    case Verdict::noSuchUser:
      return "no_user";
    case Verdict::busy:
      return "busy";
    case Verdict::unavailable:
      return "unavailable";
  }
  return "unavailable";
}

/// The queue id is what stands before the newline; it is how our logs and our clients' find each other.
std::string queueIdOf(const Recipient& recipient) {
  return recipient.deliveryKey.substr(0, recipient.deliveryKey.find('\n'));
}

}  // namespace

Task<smtp::Reply> Session::on(const smtp::Data&) {
  if (!mail_) co_return Reply(503, "5.5.1 MAIL comes first");
  if (recipients_.empty()) co_return Reply(503, "5.5.1 No valid recipients");
  awaitsData_ = true;
  co_return Reply(354, "Go on");
}

Task<> Session::receiveData() {
  awaitsData_ = false;
  co_await stream_.flush(parts_.config.commandTimeout);
  MemoryShare memory(parts_.memory);
  std::string content;
  const std::optional<Reply> refusal = co_await readContent(content, memory);
  if (refusal) {
    for (std::size_t i = 0; i < recipients_.size(); ++i) {
      (refusal->isTransient() ? parts_.metrics.temporary : parts_.metrics.permanent).Increment();
      send(*refusal);
    }
  } else {
    co_await deliver(content);
  }
  endTransaction();
}

/// Reads to the end of the data in any case; what is refused is dropped on the way.
Task<std::optional<smtp::Reply>> Session::readContent(std::string& content, MemoryShare& memory) {
  const net::Deadline deadline(parts_.config.maxDataTime);
  smtp::DataDecoder decoder;
  bool isTooLarge = false;
  bool isNoRoom = false;
  while (!decoder.atEnd()) {
    const auto patience = std::min(parts_.config.dataTimeout, deadline.left().timeout);
    const bool more = co_await stream_.waitForInput({patience, parts_.lastCall});
    if (!more) throw net::ConnectionLost("the client hung up in the middle of a message");
    stream_.take(decoder.decode(stream_.buffered(), content));
    isTooLarge = isTooLarge || content.size() > parts_.config.maxMessageSize;
    isNoRoom = isNoRoom || !memory.grow(content.capacity());
    if (isTooLarge || isNoRoom) {
      content = {};
      memory.release();
    }
  }
  if (isTooLarge) co_return Reply(552, "5.3.4 The message is larger than this server takes, session " + id_);
  if (isNoRoom) co_return Reply(452, "4.3.1 Too much mail at once, try again later, session " + id_);
  if (message::Header::of(content).size() > parts_.config.maxHeaderSize)
    co_return Reply(552, "5.3.4 The header is larger than this server takes, session " + id_);
  if (decoder.sawBareLineEnd()) co_return Reply(554, "5.6.0 The message holds a CR or LF alone, session " + id_);
  co_return std::nullopt;
}

Task<> Session::deliver(const std::string& content) {
  const auto begin = std::chrono::steady_clock::now();
  const std::vector<Verdict> verdicts = co_await deliverWatched(content);
  for (std::size_t i = 0; i < recipients_.size(); ++i) {
    const Reply reply = replyTo(recipients_[i], verdicts[i]);
    parts_.metrics.recipients(verdicts[i]).Increment();
    if (verdicts[i] == Verdict::overQuota) parts_.metrics.quotaExceeded.Increment();
    record(recipients_[i], verdicts[i], reply, content.size());
    send(reply);
  }
  parts_.metrics.total.Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
}

/// With an eye on the client.
Task<std::vector<Verdict>> Session::deliverWatched(const std::string& content) {
  ClientGone gone = false;
  std::stop_source answered;
  TaskGroup watch;
  watch.spawn(watchClient(gone, answered.get_token()));
  std::vector<Verdict> verdicts;
  std::exception_ptr failure;
  try {
    verdicts = co_await deliverToAll(content, gone);
  } catch (...) {
    failure = std::current_exception();
  }
  answered.request_stop();
  co_await watch.drained();
  if (failure) std::rethrow_exception(failure);
  co_return verdicts;
}

/// One that has sent more already is not watched further.
Task<> Session::watchClient(ClientGone& gone, std::stop_token answered) {
  try {
    gone = !co_await stream_.waitForInput({net::Patience::kForever, std::move(answered)});
  } catch (const net::ConnectionLost&) {
    gone = true;
  } catch (const net::Interrupted&) {  // the message has been dealt with
  }
}

Task<std::vector<Verdict>> Session::deliverToAll(const std::string& content, const ClientGone& gone) {
  auto verdicts = co_await parts_.mailroom.deliver(content, mail_->reversePath, recipients_, gone);
  for (std::size_t i = 0; i < recipients_.size(); ++i) {
    if (verdicts[i] == Verdict::noSuchUser) verdicts[i] = co_await deliverAnew(content, recipients_[i], gone);
  }
  co_return verdicts;
}

/// An account is gone that the directory remembered. A user who was removed and made again has another one: asked anew,
/// the directory knows it, or knows that there is nobody.
Task<Verdict> Session::deliverAnew(const std::string& content, Recipient& recipient, const ClientGone& gone) {
  parts_.directory.forget(recipient.address);
  directory::Resolution fresh;
  try {
    fresh = co_await parts_.directory.resolve(recipient.address);
  } catch (const directory::Unavailable&) {
    co_return Verdict::unavailable;
  }
  if (fresh.accounts.empty() || fresh.accounts == recipient.accounts) co_return Verdict::noSuchUser;
  recipient.accounts = fresh.accounts;
  const auto verdicts = co_await parts_.mailroom.deliver(content, mail_->reversePath, std::span(&recipient, 1), gone);
  co_return verdicts.front();
}

smtp::Reply Session::replyTo(const Recipient& recipient, Verdict verdict) const {
  const std::string queueId = queueIdOf(recipient);
  const std::string reference = queueId.empty() ? ", session " + id_ : ", " + queueId;
  const std::string address = "<" + recipient.address + "> ";
  switch (verdict) {
    case Verdict::delivered:
      return Reply(250, "2.0.0 " + address + "delivered" + reference);
    case Verdict::overQuota:
      return Reply(552, "5.2.2 " + address + "the mailbox is full" + reference);
    case Verdict::noSuchUser:
      return Reply(550, "5.1.1 " + address + "no such mailbox" + reference);
    case Verdict::busy:
      return Reply(450, "4.2.0 " + address + "the mailbox is busy" + reference);
    case Verdict::unavailable:
      break;
  }
  return Reply(451, "4.3.0 " + address + "cannot be stored now" + reference);
}

void Session::record(const Recipient& recipient, Verdict verdict, const Reply& reply, std::size_t size) const {
  const std::string queueId = queueIdOf(recipient);
  const auto result = resultOf(verdict);
  const auto account = recipient.accounts.front().id;
  if (verdict == Verdict::delivered) {
    parts_.log.info("lmtp.recipient.delivered", "a message was delivered",
                    {{"session_id", id_},
                     {"queue_id", queueId},
                     {"recipient", recipient.address},
                     {"account_id", account},
                     {"size_b", size}});
  } else {
    parts_.log.warn("lmtp.recipient.failed", "a message was not delivered",
                    {{"session_id", id_},
                     {"queue_id", queueId},
                     {"recipient", recipient.address},
                     {"account_id", account},
                     {"size_b", size},
                     {"result", result},
                     {"code", reply.code},
                     {"error", reply.text()}});
  }
}

}  // namespace posthouse::lmtp_delivery
