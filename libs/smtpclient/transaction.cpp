// Mail transactions, RFC 5321 §3.3; their pipelining, RFC 2920 §3.1; a reply for each recipient in LMTP, RFC 2033 §4.2.
#include "smtpclient/transaction.h"

#include <charconv>

#include "base/ascii.h"

#include "smtp/data_encoder.h"
#include "smtpclient/trouble.h"

namespace posthouse::smtpclient {
namespace {

// Commands sent before their replies are read: the replies to so many fit any socket buffer, so neither side blocks.
constexpr std::size_t kMaxAwaited = 64;
constexpr std::chrono::seconds kLastWords{1};  // for a reply that has arrived already
constexpr std::size_t kBlock = 64 * 1024;      // octets of content between flushes

bool isInternational(const std::string& path) {
  return std::ranges::any_of(path, ascii::isEightBit);
}

}  // namespace

Transaction::Transaction(Connection& connection, const Envelope& envelope, Content& content, Connection::Budget budget)
    : connection_(connection),
      envelope_(envelope),
      content_(content),
      budget_(std::move(budget)),
      outcomes_(envelope.recipients.size()),
      laps_(connection.settings_.onPhase) {}

Task<Result> Transaction::run() {
  if (const auto refused = refusedBeforehand()) {
    settleAll(Outcome{*refused, Phase::mail, false});
  } else {
    connection_.isUsable_ = false;  // until the conversation has come to its end
    std::exception_ptr failure;
    try {
      co_await converse();
      connection_.isUsable_ = true;
    } catch (...) {
      failure = std::current_exception();
    }
    laps_.ended(phase_ == Phase::end ? Phase::data : phase_);
    if (failure) {
      const std::optional<Outcome> lastWords = co_await this->lastWords();
      settleAll(lastWords ? *lastWords : outcomeOf(failure, phase_));
    }
  }
  Result result;
  result.tlsVersion = connection_.stream_.bytes().tlsVersion();
  result.mayHaveArrived = dotSent_ && !connection_.isUsable_;
  for (auto& outcome : outcomes_) result.recipients.push_back(std::move(*outcome));
  co_return result;
}

/// A server that hangs up while it is sent a message has often said why: too large, say.
Task<std::optional<Outcome>> Transaction::lastWords() {
  if (phase_ != Phase::data || !connection_.stream_.hasBufferedInput()) co_return std::nullopt;
  try {
    const smtp::Reply reply = co_await connection_.readReply(budget_.step(kLastWords));
    if (reply.code >= 400) co_return Outcome{reply, Phase::data};
  } catch (const GoingAway& goingAway) {
    co_return Outcome{goingAway.reply, Phase::data};
  } catch (const std::runtime_error&) {
    // Nothing that could be understood.
  }
  co_return std::nullopt;
}

/// What the peer cannot take at all need not be tried.
std::optional<smtp::Reply> Transaction::refusedBeforehand() const {
  const smtp::Announcement& peer = connection_.announcement_;
  const smtp::MailParameters& mail = envelope_.mail.parameters;
  const bool international = mail.smtpUtf8 || isInternational(envelope_.mail.reversePath) ||
                             std::ranges::any_of(envelope_.recipients, isInternational, &smtp::Rcpt::forwardPath);
  if (international && !peer.offers("SMTPUTF8"))
    return smtp::Reply(553, "5.6.7 The next host does not take internationalised mail");
  if (mail.body == smtp::Body::eightBitMime && !peer.offers("8BITMIME"))
    return smtp::Reply(554, "5.6.3 The next host does not take 8-bit content");
  if (const auto parameters = peer.parameters("SIZE"); mail.size && !parameters.empty()) {
    const std::string& text = parameters.front();
    std::uint64_t limit = 0;
    std::from_chars(text.data(), text.data() + text.size(), limit);
    if (limit != 0 && *mail.size > limit)
      return smtp::Reply(552, "5.3.4 The message is larger than the next host takes");
  }
  return std::nullopt;
}

smtp::Mail Transaction::mail() const {
  const smtp::Announcement& peer = connection_.announcement_;
  smtp::Mail mail = envelope_.mail;
  mail.parameters.auth.reset();  // RFC 4954 §5: only for those whom we trust, and who authenticated us
  if (!peer.offers("SIZE")) mail.parameters.size.reset();
  if (!peer.offers("8BITMIME")) mail.parameters.body.reset();
  if (!peer.offers("DSN")) {
    mail.parameters.ret.reset();
    mail.parameters.envid.reset();
  }
  return mail;
}

smtp::Rcpt Transaction::rcpt(std::size_t number) const {
  const smtp::Announcement& peer = connection_.announcement_;
  smtp::Rcpt rcpt = envelope_.recipients[number];
  if (!peer.offers("DSN")) rcpt.parameters.notify.reset();
  if (!peer.offers("XDELIVERYID")) {
    rcpt.parameters.deliveryId.reset();
    rcpt.parameters.retryKey.reset();
    if (!peer.offers("DSN")) rcpt.parameters.originalRecipient.reset();
  }
  return rcpt;
}

Task<> Transaction::converse() {
  const bool pipelines = connection_.announcement_.offers("PIPELINING");
  if (connection_.needsReset_) co_await say({Step::Kind::reset}, smtp::Rset{});
  co_await say({Step::Kind::mail}, mail());
  for (std::size_t number = 0; number < envelope_.recipients.size() && !mailRefused_; ++number)
    co_await say({Step::Kind::rcpt, number}, rcpt(number));
  if (!mailRefused_ && (pipelines || !accepted_.empty())) co_await say({Step::Kind::data}, smtp::Data{});
  co_await readReplies();
  if (!dataReply_) co_return;
  if (dataReply_->code != 354) {
    for (const std::size_t recipient : accepted_) settle(recipient, {*dataReply_, Phase::data});
    co_return;
  }
  if (!accepted_.empty()) {
    co_await sendContent();
    co_await readEnd();
    co_return;
  }
  // Pipelined, and every recipient was refused: the peer should have refused DATA too (RFC 2920 §3.1).
  connection_.stream_.write(".\r\n");
  co_await connection_.stream_.flush(budget_.step(connection_.settings_.timeouts.dataBlock));
  co_await connection_.readReply(budget_.step(connection_.settings_.timeouts.dataTermination));
}

Task<> Transaction::say(Step step, smtp::Command command) {
  connection_.stream_.write(text(command) + "\r\n");
  awaited_.push_back(step);
  if (!connection_.announcement_.offers("PIPELINING") || awaited_.size() >= kMaxAwaited) co_await readReplies();
}

Task<> Transaction::readReplies() {
  const Timeouts& timeouts = connection_.settings_.timeouts;
  co_await connection_.stream_.flush(budget_.step(timeouts.command));
  for (const Step& step : awaited_) {
    const bool isData = step.kind == Step::Kind::data;
    if (step.kind == Step::Kind::rcpt) enter(Phase::rcpt);
    if (isData) enter(Phase::data);
    const smtp::Reply reply =
        co_await connection_.readReply(budget_.step(isData ? timeouts.dataInitiation : timeouts.command));
    on(step, reply);
  }
  awaited_.clear();
}

void Transaction::enter(Phase phase) {
  if (phase == phase_) return;
  laps_.ended(phase_);
  phase_ = phase;
}

void Transaction::on(const Step& step, const smtp::Reply& reply) {
  const bool positive = reply.code / 100 == 2;
  switch (step.kind) {
    case Step::Kind::reset:
      if (!positive) throw NotSmtp("RSET was refused: " + reply.text());
      connection_.needsReset_ = false;
      break;
    case Step::Kind::mail:
      connection_.needsReset_ = positive;
      mailRefused_ = !positive;
      if (!positive) settleAll({reply, Phase::mail});
      break;
    case Step::Kind::rcpt:
      if (positive && !mailRefused_) accepted_.push_back(step.recipient);
      if (!positive) settle(step.recipient, {reply, Phase::rcpt});
      break;
    case Step::Kind::data:
      dataReply_ = reply;
      break;
  }
}

Task<> Transaction::sendContent() {
  smtp::DataEncoder encoder;
  std::string wire;
  while (true) {
    const std::string_view piece = co_await content_.next();
    if (piece.empty()) break;
    encoder.encode(piece, wire);
    connection_.stream_.write(std::exchange(wire, {}));
    if (connection_.stream_.unflushed() >= kBlock)
      co_await connection_.stream_.flush(budget_.step(connection_.settings_.timeouts.dataBlock));
  }
  encoder.finish(wire);
  connection_.stream_.write(wire);
  dotSent_ = true;  // from here on the peer may have it all
  phase_ = Phase::end;
  co_await connection_.stream_.flush(budget_.step(connection_.settings_.timeouts.dataBlock));
}

Task<> Transaction::readEnd() {
  const auto patience = [this] { return budget_.step(connection_.settings_.timeouts.dataTermination); };
  if (connection_.settings_.protocol == Protocol::lmtp) {
    for (const std::size_t recipient : accepted_) {
      const smtp::Reply reply = co_await connection_.readReply(patience());
      settle(recipient, {reply, Phase::end});
    }
  } else {
    const smtp::Reply reply = co_await connection_.readReply(patience());
    for (const std::size_t recipient : accepted_) settle(recipient, {reply, Phase::end});
  }
  connection_.needsReset_ = false;
}

void Transaction::settle(std::size_t recipient, Outcome outcome) {
  if (!outcomes_[recipient]) outcomes_[recipient] = std::move(outcome);
}

void Transaction::settleAll(const Outcome& outcome) {
  for (auto& settled : outcomes_) {
    if (!settled) settled = outcome;
  }
}

}  // namespace posthouse::smtpclient
