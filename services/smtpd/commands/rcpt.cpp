// RCPT, RFC 5321 §4.1.1.3.
#include <algorithm>

#include "base/ascii.h"
#include "session.h"

namespace posthouse::smtpd {

using smtp::Reply;

Task<Reply> Session::on(const smtp::Rcpt& rcpt) {
  if (!transaction_) co_return Reply(503, "5.5.1 MAIL comes first");
  const Direction direction = directionOf(client_);
  Metrics& metrics = environment_.metrics;
  if (transaction_->recipients.size() >= config_.maxRecipients) {
    metrics.recipient(direction, Result::deferred);
    co_return Reply(452, "4.5.3 Too many recipients");  // RFC 5321 §4.5.3.1.10
  }
  if (std::ranges::any_of(rcpt.forwardPath, ascii::isEightBit) && !transaction_->parameters.smtpUtf8) {
    metrics.recipient(direction, Result::rejected);
    co_return refuse(Stage::rcpt, Reason::syntax, 553, "5.6.7 An address beyond ASCII wants SMTPUTF8");
  }
  // <Postmaster> without a domain is whoever answers for this host (§4.5.1).
  const std::string forwardPath = rcpt.forwardPath.contains('@') ? rcpt.forwardPath : config_.postmaster;
  auto resolution = co_await resolve(forwardPath);
  if (!resolution) {
    metrics.recipient(direction, Result::deferred);
    co_return refuse(Stage::rcpt, Reason::temp, 451, "4.3.0 Cannot check addresses now");
  }
  if (auto refused = judge(*resolution)) {
    metrics.recipient(direction, Result::rejected);
    co_return *std::move(refused);
  }
  transaction_->recipients.push_back({forwardPath, *std::move(resolution)});
  metrics.recipient(direction, Result::accepted);
  co_return Reply(250, "2.1.5 OK");
}

Task<std::optional<directory::Resolution>> Session::resolve(std::string address) {
  try {
    co_return co_await environment_.directory.resolve(std::move(address));
  } catch (const directory::Unavailable& away) {
    log_.warn("smtp.directory.unavailable", away.what());
  }
  co_return std::nullopt;
}

/// The refusal of a recipient, if there is one.
std::optional<Reply> Session::judge(const directory::Resolution& resolution) {
  switch (resolution.result) {
    case directory::Resolution::Result::found:
      if (resolution.accounts.empty() && resolution.remoteAddresses.empty())
        return refuse(Stage::rcpt, Reason::noUser, 550, "5.1.1 No such mailbox");
      if (!maySendTo(resolution))
        return refuse(Stage::rcpt, Reason::policy, 550, "5.7.1 Only members of the group may send to it");
      break;
    case directory::Resolution::Result::noSuchAddress:
      return refuse(Stage::rcpt, Reason::noUser, 550, "5.1.1 No such mailbox");
    case directory::Resolution::Result::notLocal:
      if (!maySend()) return refuse(Stage::rcpt, Reason::relayDenied, 550, "5.7.1 We do not relay");
      break;
    case directory::Resolution::Result::loop:
      return refuse(Stage::rcpt, Reason::loop, 550, "5.4.6 The address leads to itself");
  }
  return std::nullopt;
}

/// A group may be for its members alone, who have to log in to be known.
bool Session::maySendTo(const directory::Resolution& resolution) const {
  if (!resolution.membersOnly) return true;
  if (!client_.identity) return false;
  const auto account = static_cast<std::int64_t>(client_.identity->account);
  return std::ranges::find(resolution.permittedSenders, account) != resolution.permittedSenders.end();
}

}  // namespace posthouse::smtpd
