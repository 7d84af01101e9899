// DATA, RFC 5321 §4.1.1.4.
#include <algorithm>
#include <utility>

#include "authorship.h"
#include "message/header.h"
#include "session.h"
#include "smtp/data_decoder.h"

namespace posthouse::smtpd {

using smtp::Reply;

struct Session::Received {
  std::string content;
  std::optional<Reply> refusal = {};
};

Task<Reply> Session::on(const smtp::Data&) {
  if (!transaction_) co_return Reply(503, "5.5.1 MAIL comes first");
  if (transaction_->recipients.empty()) co_return Reply(554, "5.5.1 No valid recipients");
  say(Reply(354, "End data with <CR><LF>.<CR><LF>"));
  co_await flush(kWriteTimeout);
  const bool heardOut = !stream_.hasBufferedInput();
  MemoryShare memory(environment_.memory);
  Received received = co_await receive(memory);
  if (heardOut) confirm();  // of the mail before: what followed our 354 was sent by somebody who had read it

  const Transaction transaction = *std::exchange(transaction_, std::nullopt);
  const std::string queueId = store::toText(transaction.id);
  const observe::Log log = log_.with({{"queue_id", queueId}});
  Decision decision{Reply(451, "4.3.0 Cannot take mail now")};
  if (!received.refusal && client_.identity && config_.checkFrom)
    received.refusal = co_await judgeAuthors(received.content);
  if (mustEnd()) {
    decision.reply = farewell(net::Interrupt::wakeup);  // the last moment: from here on the mail may be taken
    ended_ = true;
  } else if (received.refusal) {
    decision.reply = *received.refusal;
  } else {
    decision = co_await environment_.acceptance.accept(client_, transaction, received.content, log);
  }

  Reply& reply = decision.reply;
  const Direction direction = directionOf(client_);
  const Result result = reply.isPositive()    ? Result::accepted
                        : reply.isTransient() ? Result::deferred
                                              : Result::rejected;
  environment_.metrics.message(direction, result);
  if (reply.isPositive()) {
    ++messages_;
    environment_.metrics.messageSize(direction, received.content.size());
    unproven_ = std::move(decision.unproven);
  } else {
    reply.lines.back() += " [" + queueId + ']';
  }
  log.info(reply.isPositive() ? "smtp.message.received" : "smtp.message.rejected", reply.text(),
           {{"sender", transaction.reversePath},
            {"recipients", transaction.recipients.size()},
            {"size_b", received.content.size()},
            {"code", reply.code},
            {"tls", client_.tlsVersion},
            {"authenticated_as", client_.identity ? client_.identity->address : std::string()}});
  co_return std::move(reply);
}

Task<std::optional<Reply>> Session::judgeAuthors(const std::string& content) try {
  const auto objection = co_await objectionToAuthors(environment_.directory,
                                                     static_cast<std::int64_t>(client_.identity->account), content);
  if (!objection) co_return std::nullopt;
  co_return refuse(Stage::data, Reason::policy, 550, "5.7.1 " + *objection);
} catch (const directory::Unavailable& away) {
  log_.warn("smtp.directory.unavailable", away.what());
  co_return refuse(Stage::data, Reason::temp, 451, "4.3.0 Cannot check addresses now");
}

Task<Session::Received> Session::receive(MemoryShare& memory) {
  smtp::DataDecoder decoder;
  Received received;
  bool tooLarge = false;
  bool isNoRoom = false;
  const auto begun = std::chrono::steady_clock::now();
  while (!decoder.atEnd()) {
    if (std::chrono::steady_clock::now() - begun > config_.maxDataTime) throw net::Interrupted(net::Interrupt::timeout);
    if (!co_await stream_.waitForInput({config_.dataTimeout, lastCall_, wakeup()}))
      throw net::ConnectionLost("the client left during DATA");
    stream_.take(decoder.decode(stream_.buffered(), received.content));
    tooLarge = tooLarge || received.content.size() > config_.maxMessageSize;
    isNoRoom = isNoRoom || !memory.grow(received.content.capacity());
    if (tooLarge || isNoRoom) {
      received.content = {};  // the rest is read and dropped
      memory.release();
    }
  }
  if (tooLarge) {
    received.refusal = refuse(Stage::data, Reason::size, 552, "5.3.4 Message larger than the server takes");
  } else if (message::Header::of(received.content).size() > config_.maxHeaderSize) {
    received.refusal = refuse(Stage::data, Reason::size, 552, "5.3.4 Header larger than the server takes");
  } else if (isNoRoom) {
    received.refusal = refuse(Stage::data, Reason::temp, 452, "4.3.1 Too much mail at once, try again later");
  } else if (decoder.sawBareLineEnd()) {
    // Servers that differ in what they take for the end of a line can be made to see different mails in one
    // (smuggling).
    received.refusal = refuse(Stage::data, Reason::smuggling, 550, "5.6.11 Message has a bare CR or LF");
  } else if (decoder.sawNul()) {
    received.refusal = refuse(Stage::data, Reason::syntax, 550, "5.6.0 Message has a NUL octet");  // RFC 5322 §4
  }
  co_return received;
}

}  // namespace posthouse::smtpd
