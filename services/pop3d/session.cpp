// A POP3 session, RFC 1939 §3.
#include "session.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/ascii.h"
#include "crypto/random.h"
#include "net/hang_up.h"

namespace posthouse::pop3d {

using pop3::Reply;

namespace {

constexpr std::size_t kMaxSkipped = 1024 * 1024;  // of a line that was too long
constexpr std::chrono::seconds kHangUpPatience{2};
constexpr std::chrono::milliseconds kQuiet{1000};  // then what was read ahead is stale
constexpr std::size_t kMaxUnflushed = 64 * 1024;   // of answers to commands that came together

template <class Command, class... Among>
constexpr bool kIsOneOf = (std::is_same_v<Command, Among> || ...);

/// RFC 3206: a disabled account is no fault of ours that passes.
Reply farewellOf(login::EndReason reason) {
  using pop3::ResponseCode;
  if (reason == login::EndReason::disabled)
    return Reply::error(ResponseCode::systemPerm, "Your account has been disabled, nothing was deleted");
  if (reason == login::EndReason::removed)
    return Reply::error(ResponseCode::systemPerm, "Your account has been removed, nothing was deleted");
  return Reply::error(ResponseCode::systemTemp, "Logged out by an administrator, nothing was deleted");
}

/// In which state a command may be given (RFC 1939 §4 to §7, RFC 2449 §5, RFC 2595 §4, RFC 5034 §4, RFC 6856 §2, §3).
template <class Command>
constexpr bool kBeforeLogin =
    kIsOneOf<Command, pop3::User, pop3::Pass, pop3::Apop, pop3::Auth, pop3::ListMechanisms, pop3::Stls, pop3::Utf8>;
template <class Command>
constexpr bool kInEitherState = kIsOneOf<Command, pop3::Capa, pop3::Quit, pop3::Lang>;

/// RFC 5034 §4 keeps AUTH to the length of all commands, and clients that have a long token for OAUTHBEARER do not
/// care.
bool mayBeLong(std::string_view line) {
  return ascii::startsWithIgnoringCase(line, "AUTH ");
}

std::optional<Reply> outOfPlace(const pop3::Command& command, bool loggedIn) {
  return std::visit(
      [loggedIn]<class Command>(const Command&) -> std::optional<Reply> {
        if (kInEitherState<Command> || kBeforeLogin<Command> != loggedIn) return std::nullopt;
        if (loggedIn) return Reply::error("Only before logging in");
        return Reply::error("Log in first");
      },
      command);
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

/// Replies to pipelined commands leave together: they are flushed before the first wait (RFC 2449 §6.6).
Task<std::optional<std::string>> Session::readCommand() {
  if (open_) open_->heed();
  const SessionConfig& config = surroundings_.config;
  const std::size_t limit =
      maildrop_ ? config.maxCommandLength : std::max(config.maxCommandLength, config.maxSaslLength);
  std::optional<std::string> line = stream_.tryLine(limit);
  if (line) co_return line;
  co_await flush();
  if (readAhead_.holdsAny()) {
    const bool quiet = co_await isQuiet();
    if (quiet) readAhead_.letGo();
  }
  co_return co_await stream_.readLine(limit, readPatience());
}

/// Whether the client says nothing for a while.
Task<bool> Session::isQuiet() {
  net::Patience patience = readPatience();
  patience.timeout = std::min(patience.timeout, kQuiet);
  try {
    co_await stream_.waitForInput(std::move(patience));
  } catch (const net::Interrupted& interrupted) {
    if (interrupted.why != net::Interrupt::timeout) throw;
    co_return true;
  }
  co_return false;
}

Task<Answer> Session::obey(const std::string& line) {
  const daemon::ClientPolicy& policy = surroundings_.config.clients;
  if (!maildrop_ && ++commandsBeforeLogin_ > policy.limits.idleCommands && !policy.isExempt(stream_.bytes().peer())) {
    end_ = End::refused;
    co_return Reply::error("Too many commands without a login");
  }
  if (line.size() + 2 > surroundings_.config.maxCommandLength && !mayBeLong(line))
    co_return badCommand(Reply::error("Line too long"));
  const auto command = pop3::parseCommand(line);
  if (!command) co_return badCommand(command.error());
  const auto misplaced = outOfPlace(*command, maildrop_.has_value());
  if (misplaced) co_return badCommand(*misplaced);
  const auto start = std::chrono::steady_clock::now();
  Answer answer = co_await execute(*command);
  surroundings_.metrics.count(pop3::keyword(*command), answer.reply.isOk(), std::chrono::steady_clock::now() - start);
  if (maildrop_ && answer.reply.isOk()) errors_ = 0;  // who works here may try what we do not know, now and then
  co_return answer;
}

/// The second of the three places where exceptions are caught: what went wrong with one command is its answer.
Task<Answer> Session::execute(const pop3::Command& command) {
  try {
    co_return co_await std::visit([this](const auto& particular) { return on(particular); }, command);
  } catch (const net::Interrupted&) {
    throw;
  } catch (const net::ConnectionLost&) {
    throw;
  } catch (const net::LineTooLong&) {
    throw;
  } catch (const std::exception& failure) {
    surroundings_.log.warn("pop3.command.failed", failure.what(),
                           {{"session_id", id_}, {"command", pop3::keyword(command)}});
    co_return temporaryFailure("Temporary failure, please try again later");
  }
}

Answer Session::badCommand(Reply reply) {
  surroundings_.metrics.badCommands.Increment();
  if (++errors_ < surroundings_.config.maxErrors) return reply;
  end_ = End::refused;
  return Reply::error("Too many errors");
}

Task<> Session::send(Answer answer) {
  stream_.write(answer.reply.line(*language_));
  if (answer.body) co_await sendBody(*answer.body);
  if (end_ || startTls_ || stream_.unflushed() > kMaxUnflushed) co_await flush();
  if (std::exchange(startTls_, false)) {
    co_await stream_.startTls(*tls_, writePatience());
    language_ = &pop3::english();  // LANG may have come from somebody between us (RFC 6856 §7)
  }
}

Task<> Session::sendBody(Body& body) {
  for (std::string piece = co_await body.next(); !piece.empty(); piece = co_await body.next()) {
    stream_.writeWhole(std::move(piece));
    if (stream_.unflushed() > kMaxUnflushed) co_await flush();
    writing_ = true;  // a message has begun: there is no room for a farewell
    if (open_) open_->heed();
    writing_ = false;
  }
}

Task<> Session::flush() {
  writing_ = true;
  co_await stream_.flush(writePatience());
  writing_ = false;
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
      co_await surroundings_.store.release(holder);
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

net::Patience Session::readPatience() {
  return {surroundings_.config.idleTimeout, maildrop_ ? surroundings_.stopping : surroundings_.draining, wakeup()};
}

net::Patience Session::writePatience() {
  return {surroundings_.config.idleTimeout, surroundings_.stopping, wakeup()};
}

}  // namespace posthouse::pop3d
