// RCPT, RFC 5321 §4.1.1.3, with the delivery ids of our own programs.
#include "crypto/digest.h"
#include "session.h"

namespace posthouse::lmtp_delivery {
namespace {

// A message larger than this is refused before it is sent if it does not fit; of a smaller one storing tells as soon.
constexpr std::uint64_t kWorthAsking = 256 * 1024;

/// The key is the same for the direct delivery and for what comes through the queue later (ARCHITECTURE.md, rule 3).
std::string deliveryKey(const smtp::Rcpt& rcpt) {
  if (!rcpt.parameters.deliveryId) return {};
  const auto& original = rcpt.parameters.originalRecipient;
  return *rcpt.parameters.deliveryId + '\n' + (original ? original->address : rcpt.forwardPath);
}

}  // namespace

Task<smtp::Reply> Session::on(const smtp::Rcpt& rcpt) {
  if (!mail_) co_return Reply(503, "5.5.1 MAIL comes first");
  if (recipients_.size() >= parts_.config.maxRecipients) co_return Reply(452, "4.5.3 Too many recipients");
  std::optional<directory::Resolution> resolution;
  try {
    resolution = co_await parts_.directory.resolve(rcpt.forwardPath);
  } catch (const directory::Unavailable& unavailable) {
    parts_.log.warn("lmtp.directory.unavailable", "an address could not be resolved",
                    {{"session_id", id_}, {"error", unavailable.what()}});
  }
  if (!resolution) co_return Reply(451, "4.3.0 Addresses cannot be looked up now, session " + id_);
  // Members elsewhere are for smtpd to reach: it expands aliases before it comes here.
  if (resolution->accounts.empty() || !resolution->remoteAddresses.empty()) {
    parts_.metrics.noUser.Increment();
    co_return Reply(550, "5.1.1 No such mailbox, session " + id_);
  }
  // What has a key may be a repeat of the very mail that filled the mailbox: only storing can tell.
  const bool mayBeRepeat = rcpt.parameters.deliveryId || rcpt.parameters.retryKey;
  const std::uint64_t size = mail_->parameters.size.value_or(0);
  if (size > kWorthAsking && !mayBeRepeat) {
    const bool fits = co_await parts_.mailroom.hasRoom(resolution->accounts, size);
    if (!fits) {
      parts_.metrics.overQuota.Increment();
      parts_.metrics.quotaExceeded.Increment();
      co_return Reply(552, "5.2.2 The mailbox is full, session " + id_);
    }
  }
  recipients_.push_back({rcpt.forwardPath, std::move(resolution->accounts), deliveryKey(rcpt),
                         crypto::unhex(rcpt.parameters.retryKey.value_or("")).value_or("")});
  co_return Reply(250, "2.1.5 OK");
}

}  // namespace posthouse::lmtp_delivery
