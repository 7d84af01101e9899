// A POP3 session from its beginning to its end, RFC 1939 §3.
#include "session.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "crypto/random.h"
#include "net/hang_up.h"

namespace posthouse::pop3d {

using pop3::Reply;

namespace {

constexpr std::size_t kMaxSkipped = 1024 * 1024;  // of a line that was too long
constexpr std::chrono::seconds kHangUpPatience{2};

/// RFC 3206: a disabled account is no fault of ours that passes.
Reply farewellOf(login::EndReason reason) {
  using pop3::ResponseCode;
  if (reason == login::EndReason::disabled)
    return Reply::error(ResponseCode::systemPerm, "Your account has been disabled, nothing was deleted");
  if (reason == login::EndReason::removed)
    return Reply::error(ResponseCode::systemPerm, "Your account has been removed, nothing was deleted");
  return Reply::error(ResponseCode::systemTemp, "Logged out by an administrator, nothing was deleted");
}

}  // namespace

Session::Session(std::unique_ptr<net::ByteStream> client, const net::TlsContext* tls, const Surroundings& surroundings,
                 std::string timestamp, std::string mailbox, bool isKpop)
    : surroundings_(surroundings),
      tls_(tls),
      id_(crypto::randomToken(9)),
      timestamp_(std::move(timestamp)),
      mailbox_(std::move(mailbox)),
      holder_(crypto::randomToken(16)),
      isKpop_(isKpop),
      stream_(std::move(client)),
      readAhead_(surroundings.store, surroundings.readAhead) {}

Task<> Session::run() {
  std::optional<Reply> farewell;  // sent below: a handler cannot co_await
  std::string failure;
  surroundings_.metrics.sessions.Increment();
  try {
    co_await converse();
  } catch (const net::Interrupted& interrupted) {
    // When the autologout timer ends a session, nothing is said (RFC 1939 §3).
    end_ = interrupted.why == net::Interrupt::timeout ? End::timeout : End::shutdown;
    if (open_ && open_->ending()) end_ = End::ended;
    if (end_ == End::shutdown && greeted_ && !writing_)
      farewell = temporaryFailure("Shutting down, nothing was deleted");
    if (end_ == End::ended && !writing_) farewell = farewellOf(*open_->ending());
  } catch (const net::ConnectionLost&) {
    end_ = End::lost;
  } catch (const std::exception& error) {
    end_ = End::failed;
    failure = error.what();
  }
  if (!failure.empty()) surroundings_.log.warn("pop3.session.failed", failure, {{"session_id", id_}});
  open_.reset();
  co_await bid(std::move(farewell));
  co_await leave();
  co_await hangUp();
  surroundings_.metrics.sessions.Decrement();
  surroundings_.metrics.count(*end_);
  surroundings_.log.info("pop3.session.closed", "connection closed",
                         {{"session_id", id_},
                          {"end", toText(*end_)},
                          {"account", maildrop_ ? maildrop_->account().address : std::string()},
                          {"messages", maildrop_ ? maildrop_->size() : 0},
                          {"retrieved", retrieved_},
                          {"deleted", deleted_},
                          {"expired", expired_}});
}

Task<> Session::converse() {
  if (isKpop_) {
    const bool isIn = co_await takeTicket();
    if (!isIn) {
      end_ = End::refused;
      co_return;
    }
  }
  greeted_ = true;
  const std::string greeting = surroundings_.config.hostname + " POP3 ready";
  co_await send(Reply::data(timestamp_.empty() ? greeting : greeting + " " + timestamp_));
  while (!end_) {
    std::optional<Answer> answer;
    bool tooLong = false;
    try {
      const std::optional<std::string> line = co_await readCommand();
      if (line) answer = co_await obey(*line);
    } catch (const net::LineTooLong&) {
      tooLong = true;
    }
    if (tooLong) {
      const bool skipped = co_await stream_.skipLine(kMaxSkipped, readPatience());
      answer = badCommand(Reply::error("Line too long"));
      if (!skipped) end_ = End::refused;
    }
    if (answer) {
      co_await send(std::move(*answer));
    } else {
      end_ = End::lost;  // the client hung up
    }
  }
}

Task<> Session::bid(std::optional<Reply> farewell) {
  if (!farewell) co_return;
  try {
    stream_.write(farewell->line(*language_));
    co_await stream_.flush(kHangUpPatience);
  } catch (const std::exception&) {
    // The client is not there to hear it.
  }
}

/// Before the client has gone: the maildrop must be free when he comes again. A session that ends without QUIT deletes
/// nothing, but what was read stays read.
Task<> Session::leave() {
  if (!claim_) co_return;
  const store::MaildropHolder holder = claim_->holder();
  claim_.reset();
  try {
    Update update = maildrop_ ? maildrop_->atLoss() : Update();
    if (update.seen.empty()) {
      co_await surroundings_.releases.release(holder);
    } else {
      co_await surroundings_.store.update(holder, maildrop_->id().mailbox, std::move(update));
    }
  } catch (const std::exception& failure) {
    surroundings_.log.warn("pop3.leave.failed",
                           fmt::format("the maildrop is free when its lease is over, and what was read may be unread "
                                       "again: {}",
                                       failure.what()),
                           {{"session_id", id_}});
  }
}

Task<> Session::hangUp() {
  try {
    co_await net::hangUp(stream_.bytes(), kHangUpPatience);
  } catch (const std::exception&) {
    // The client is not there to hear it.
  }
  stream_.bytes().close();
}

std::optional<Reply> Session::refusal(pop3::MessageNumber message) const {
  if (maildrop_->has(message)) return std::nullopt;
  const auto number = static_cast<std::uint32_t>(message);
  if (maildrop_->isDeleted(message)) return Reply::error("Message {0} is deleted", number);
  return Reply::error("No such message, only {0} in maildrop", maildrop_->size());
}

Reply Session::temporaryFailure(pop3::Text what) const {
  return Reply::error(pop3::ResponseCode::systemTemp, "{0} (session {1})", what, id_);
}

MessageBody::Form Session::form() const noexcept {
  return isUtf8_ ? MessageBody::Form::asStored : MessageBody::Form::surrogate;
}

}  // namespace posthouse::pop3d
