// A POP3 session's commands and answers, RFC 1939 §3.
#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/ascii.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

namespace {

constexpr std::chrono::milliseconds kQuiet{1000};  // then what was read ahead is stale
constexpr std::size_t kMaxUnflushed = 64 * 1024;   // of answers to commands that came together

template <class Command, class... Among>
constexpr bool kIsOneOf = (std::is_same_v<Command, Among> || ...);

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

net::Patience Session::readPatience() {
  return {surroundings_.config.idleTimeout, maildrop_ ? surroundings_.stopping : surroundings_.draining, wakeup()};
}

net::Patience Session::writePatience() {
  return {surroundings_.config.idleTimeout, surroundings_.stopping, wakeup()};
}

}  // namespace posthouse::pop3d
