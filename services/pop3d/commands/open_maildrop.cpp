// What follows a login: the maildrop is locked and read (RFC 1939 §4 and §8, RFC 2449 §8.1, RFC 3206 §4).
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "crypto/random.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;
using pop3::ResponseCode;
using Reason = store::MaildropRefusal::Reason;

namespace {

constexpr std::chrono::milliseconds kFirstPause{15};  // before a maildrop that is in use is asked for again

/// Clients that know nothing of UTF-8 may be shown none (RFC 6856 §2).
std::string shown(std::string_view name) {
  std::string text(name);
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
  return text;
}

}  // namespace

/// The maildrop of who has logged in, or what he is told instead.
Task<std::expected<Snapshot, Reply>> Session::openMaildrop(const login::Identity& account) {
  if (account.readOnly) {
    const daemon::ClientPolicy& policy = surroundings_.config.clients;
    const bool isFull = surroundings_.accounts.of(account.account) >= policy.limits.connectionsPerAccount;
    if (isFull && !policy.isExempt(stream_.bytes().peer())) {
      surroundings_.metrics.countRefusalForConnections();
      co_return std::unexpected(Reply::error(ResponseCode::systemTemp, "Too many connections of this account"));
    }
    place_.emplace(surroundings_.accounts, account.account);
  }
  MailStore::Opened opened;
  try {
    opened = co_await takeMaildrop(account);
  } catch (const net::Interrupted&) {
    throw;
  } catch (...) {
    place_.reset();
    surroundings_.metrics.countFailedOpening();
    throw;
  }
  if (opened) co_return *std::move(opened);
  place_.reset();
  claim_.reset();
  co_return std::unexpected(refuseMaildrop(account, opened.error()));
}

/// Waits a moment for a session that is about to end: its client may have hung up, and be this one, who is faster than
/// the news of it.
Task<MailStore::Opened> Session::takeMaildrop(const login::Identity& account) {
  if (account.readOnly) co_return co_await surroundings_.store.openToRead(account.account, mailbox_);
  if (claim_) co_await leave();  // of a login whose maildrop may have been taken, though nobody could say so
  claim_.emplace(surroundings_.leases, surroundings_.leases.holder(account.account, holder_, id_));
  const std::chrono::milliseconds patience = surroundings_.config.inUsePatience;
  for (std::chrono::milliseconds pause = kFirstPause, waited{};; waited += pause, pause *= 2) {
    MailStore::Opened opened = co_await surroundings_.store.open(claim_->holder(), mailbox_);
    if (opened) claim_->granted();
    if (opened || opened.error().reason != Reason::inUse || waited >= patience) co_return opened;
    pause = std::min(pause, patience - waited);
    co_await surroundings_.loop.sleep(pause, surroundings_.draining);
  }
}

Reply Session::refuseMaildrop(const login::Identity& account, const store::MaildropRefusal& refusal) {
  surroundings_.metrics.countRefusal(refusal.reason);
  switch (refusal.reason) {
    case Reason::noSuchMailbox:
      surroundings_.log.warn("pop3.maildrop.missing",
                             "the account lacks the mailbox that pop3d.mailbox names: it has to be made, by IMAP",
                             {{"session_id", id_}, {"account", account.address}, {"mailbox", mailbox_}});
      return Reply::error(ResponseCode::systemPerm,
                          "There is no mailbox \"{0}\", which is the maildrop here: make it by IMAP, or ask the "
                          "administrator",
                          shown(mailbox_));
    case Reason::inUse:
      surroundings_.log.info("pop3.maildrop.in_use", "another session has the maildrop",
                             {{"session_id", id_},
                              {"account", account.address},
                              {"holder_session_id", refusal.session},
                              {"holder_instance", refusal.instance}});
      return Reply::error(
          ResponseCode::inUse, "The maildrop has been in use since {0}: by session {1} of instance {2}",
          fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::chrono::system_clock::to_time_t(refusal.since))),
          refusal.session, refusal.instance);
    case Reason::tooSoon:
      break;
  }
  const auto delay = std::chrono::ceil<std::chrono::seconds>(surroundings_.config.loginDelay);
  const auto left = std::chrono::ceil<std::chrono::seconds>(refusal.left);
  surroundings_.log.info("pop3.login.too_soon", "the login delay is not over",
                         {{"session_id", id_}, {"account", account.address}, {"left_s", left.count()}});
  return Reply::error(ResponseCode::loginDelay, "Minimum time between mail checks is {0} s, please come again in {1} s",
                      static_cast<std::uint64_t>(delay.count()),
                      static_cast<std::uint64_t>(std::max<std::int64_t>(left.count(), 1)));
}

}  // namespace posthouse::pop3d
