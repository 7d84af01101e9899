#include "lmtp_delivery.h"

#include <utility>

#include "crypto/digest.h"

namespace posthouse::smtpd {
namespace {

/// A letter's two parts, one after the other.
class LetterContent final : public smtpclient::Content {
 public:
  explicit LetterContent(const Letter& letter) : letter_(letter) {}
  void rewind() override { next_ = 0; }
  Task<std::string_view> next() override {
    switch (next_++) {
      case 0:
        co_return letter_.header;
      case 1:
        co_return letter_.body;
      default:
        co_return std::string_view();
    }
  }

 private:
  const Letter& letter_;
  int next_ = 0;
};

smtpclient::Pool::Options options(const std::string& hostname) {
  smtpclient::Pool::Options options;
  options.settings.protocol = smtpclient::Protocol::lmtp;
  options.settings.heloName = hostname;
  options.idleFor = std::chrono::minutes(1);
  options.maxIdlePerPeer = 64;
  return options;
}

smtpclient::Envelope envelopeOf(const Transaction& transaction, const std::vector<Destination>& destinations,
                                std::size_t size) {
  smtpclient::Envelope envelope;
  envelope.mail.reversePath = transaction.reversePath;
  envelope.mail.parameters.size = size;
  envelope.mail.parameters.body = transaction.parameters.body;
  envelope.mail.parameters.smtpUtf8 = transaction.parameters.smtpUtf8;
  for (const Destination& destination : destinations) {
    smtp::Rcpt rcpt{.forwardPath = destination.address};
    rcpt.parameters.originalRecipient = smtp::OriginalRecipient{"rfc822", destination.originalRecipient};
    rcpt.parameters.deliveryId = store::toText(transaction.id);
    if (!destination.retryKey.empty()) rcpt.parameters.retryKey = crypto::hex(destination.retryKey);
    envelope.recipients.push_back(std::move(rcpt));
  }
  return envelope;
}

}  // namespace

LmtpDelivery::LmtpDelivery(net::Loop& loop, net::Address server, std::chrono::milliseconds budget,
                           const std::string& hostname)
    : server_(std::move(server)), budget_(budget), pool_(loop, options(hostname)) {}

Task<std::vector<smtp::Reply>> LmtpDelivery::deliver(const Transaction& transaction,
                                                     const std::vector<Destination>& destinations,
                                                     const Letter& letter) {
  const smtpclient::Envelope envelope = envelopeOf(transaction, destinations, letter.size());
  LetterContent content(letter);
  const smtpclient::Result result = co_await pool_.send(server_, {}, envelope, content, budget_);
  std::vector<smtp::Reply> replies;
  replies.reserve(result.recipients.size());
  for (const smtpclient::Outcome& outcome : result.recipients) replies.push_back(outcome.reply);
  co_return replies;
}

}  // namespace posthouse::smtpd
