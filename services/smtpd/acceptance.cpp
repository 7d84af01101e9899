#include "acceptance.h"

#include <algorithm>
#include <iterator>

#include "base/ascii.h"
#include "compose.h"
#include "crypto/digest.h"
#include "destinations.h"
#include "message/trace.h"

namespace posthouse::smtpd {

using smtp::Reply;

namespace {

constexpr std::size_t kMaxHops = 50;  // Received fields; a mail that goes round grows until then (RFC 5321 §6.3)

/// One line of ASCII, as it may stand in a reply.
std::string oneLine(std::string text) {
  std::ranges::replace_if(text, ascii::isControl, ' ');
  std::ranges::replace_if(text, ascii::isEightBit, '?');
  return text.substr(0, 400);  // §4.5.3.1.5: a reply line has 512 octets at most
}

Reply queuedAs(const Transaction& transaction) {
  return Reply(250, "2.0.0 queued as " + store::toText(transaction.id));
}

/// Whose address is his own: reports of failures reach nobody else.
bool isKnown(const Client& client) {
  return client.identity || client.mayRelay;
}

}  // namespace

Direction directionOf(const Client& client) {
  if (client.identity) return Direction::submission;
  return client.mayRelay ? Direction::relay : Direction::inbound;
}

Task<Decision> Acceptance::accept(const Client& client, const Transaction& transaction, const std::string& content,
                                  const observe::Log& log) {
  if (message::countHops(message::Header::of(content)) > kMaxHops) {
    co_return Decision{refuse(Reason::loop, 554, "5.4.6 Mail goes round in circles")};
  }
  const Verdict verdict = co_await filter_.check(client, transaction, content);
  if (auto refused = refusal(verdict)) co_return Decision{*std::move(refused)};

  const Letter letter = compose(client, transaction, verdict, config_.hostname, clock_(), content);
  std::vector<Destination> destinations = destinationsOf(transaction.recipients);
  RetryKeys::Hold hold(retryKeys_, client.isThere);
  giveRetryKeys(destinations, hold, transaction, content);
  Reply reply = queuedAs(transaction);
  if (std::ranges::all_of(destinations, &Destination::isLocal)) {
    reply = co_await deliverOrQueue(client, transaction, std::move(destinations), letter, log);
  } else if (!co_await enqueue(client, transaction, destinations, letter)) {
    reply = refuse(Reason::temp, 451, "4.3.0 Cannot take mail now");
  }
  // After a refusal the keys of what was taken stay stored: the client will come again.
  if (!reply.isPositive()) co_return Decision{std::move(reply)};
  co_return Decision{std::move(reply), std::move(hold)};
}

std::optional<Reply> Acceptance::refusal(const Verdict& verdict) {
  const auto status = [&](std::string_view otherwise) {
    return verdict.status.empty() ? std::string(otherwise) : verdict.status;
  };
  switch (verdict.kind) {
    case Verdict::Kind::reject:
      return refuse(Reason::spam, 550, status("5.7.1") + ' ' + oneLine(verdict.text));
    case Verdict::Kind::defer:
      return refuse(Reason::temp, 451, status("4.7.1") + ' ' + oneLine(verdict.text));
    case Verdict::Kind::unavailable:
      if (!config_.acceptUnfiltered) return refuse(Reason::temp, 451, "4.3.0 Cannot check mail now");
      return std::nullopt;
    case Verdict::Kind::accept:
      break;
  }
  return std::nullopt;
}

Reply Acceptance::refuse(Reason reason, int code, std::string_view text) {
  metrics_.rejection(Stage::data, reason);
  return Reply(code, text);
}

void Acceptance::giveRetryKeys(std::vector<Destination>& destinations, RetryKeys::Hold& hold,
                               const Transaction& transaction, const std::string& content) {
  const crypto::Digest octets = crypto::sha256(content);
  for (Destination& destination : destinations) {
    crypto::Sha256 hash;
    hash.update(transaction.reversePath).update("\n");
    hash.update(destination.originalRecipient).update("\n");
    hash.update(destination.address).update("\n");
    const crypto::Digest digest = hash.update(octets.view()).finish();
    const RetryKey key{destination.account.value_or(store::AccountId{}), std::string(digest.view()),
                       destination.address};
    if (hold.add(key)) destination.retryKey = key.digest;
  }
}

Task<Reply> Acceptance::deliverOrQueue(const Client& client, const Transaction& transaction,
                                       std::vector<Destination> destinations, const Letter& letter,
                                       const observe::Log& log) {
  const std::vector<Reply> replies = co_await delivery_.deliver(transaction, destinations, letter);
  std::vector<Destination> forTheQueue;
  std::vector<Destination> failed;
  const Reply* failure = nullptr;
  for (std::size_t i = 0; i < destinations.size(); ++i) {
    if (replies[i].isTransient()) forTheQueue.push_back(destinations[i]);
    if (!replies[i].isPermanent()) continue;
    failed.push_back(destinations[i]);
    if (!failure) failure = &replies[i];
    log.info("lmtp.recipient.failed", replies[i].text(), {{"recipient", destinations[i].address}});
  }
  if (failed.size() == destinations.size() && failure) {
    metrics_.rejection(Stage::data, failure->status && failure->status->subject == 2 ? Reason::quota : Reason::policy);
    co_return Reply(failure->code, oneLine(failure->text().substr(4)));
  }
  // Others succeeded, so the reply is 250, and the sender, whom we know, hears of the rest from relayd.
  if (isKnown(client) && !transaction.reversePath.empty()) std::ranges::move(failed, std::back_inserter(forTheQueue));
  const bool queued = forTheQueue.empty() || co_await enqueue(client, transaction, forTheQueue, letter);
  co_return queued ? queuedAs(transaction) : refuse(Reason::temp, 451, "4.3.0 Cannot take mail now");
}

Task<bool> Acceptance::enqueue(const Client& client, const Transaction& transaction,
                               std::vector<Destination> destinations, const Letter& letter) {
  for (Destination& destination : destinations) destination.tellSender = isKnown(client);
  const bool committed = co_await queue_.enqueue(transaction, destinations, letter);
  if (committed) metrics_.enqueued(directionOf(client));
  co_return committed;
}

}  // namespace posthouse::smtpd
