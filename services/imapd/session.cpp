// The conversation, RFC 3501 §2.2, §3, §7.1.
#include "session.h"

#include <fmt/format.h>

#include "net/hang_up.h"
#include "net/patience.h"

namespace posthouse::imapd {

using imap::CommandReader;

Session::Session(std::unique_ptr<net::ByteStream> client, Services& services, const net::TlsContext* tls,
                 std::string id, std::stop_token stop)
    : stream_(std::move(client)),
      services_(services),
      tls_(tls),
      id_(std::move(id)),
      stop_(std::move(stop)),
      log_(services.log.with({{"session_id", id_}, {"remote_ip", stream_.bytes().peer().host}})),
      remoteAddress_(stream_.bytes().peer().host) {
  services_.metrics.sessions(stage_).Increment();
}

Session::~Session() {
  services_.metrics.sessions(stage_).Decrement();
  services_.metrics.bye(farewell_).Increment();
}

Task<> Session::run() {
  try {
    co_await converse();
  } catch (const net::Interrupted& interrupted) {
    if (open_ && open_->ending()) {
      sayEnding(*open_->ending());
    } else if (interrupted.why == net::Interrupt::shutdown) {
      bye("[UNAVAILABLE] Server restarting, please reconnect", Farewell::draining);
    } else {
      bye("Idle for too long", Farewell::idleTimeout);
    }
  } catch (const net::LineTooLong&) {
    services_.metrics.literalsRejected.Increment();
    bye("[TOOBIG] Line too long", Farewell::error);
  } catch (const net::ConnectionLost&) {
    co_return;
  }
  open_.reset();
  constexpr std::chrono::seconds kForFarewell{5};
  try {
    co_await stream_.flush(kForFarewell);
    co_await (services_.lastCall.stop_requested() ? net::hangUp(stream_.bytes(), net::kHangUpAtDrain)
                                                  : net::hangUp(stream_.bytes()));
  } catch (const std::runtime_error& error) {
    log_.debug("imap.farewell", "The client did not hear the last word", {{"error", error.what()}});
  }
}

Task<> Session::converse() {
  co_await greet();
  while (!done_) {
    if (open_) open_->heed();
    co_await readCommand();
    if (tlsNext_) co_await upgrade();
    if (idleTag_) co_await idle();
  }
}

Task<> Session::greet() {
  say(fmt::format("OK [CAPABILITY {}] {} ready", capabilities(), services_.config.hostname));
  co_await stream_.flush(transfer());
}

/// One command with its literals: a continuation for those that wait for one (RFC 3501 §7.5). All that follows its
/// first line shares one patience: a literal may have an octet, and a command many literals.
Task<> Session::readCommand() {
  const std::size_t limit = services_.config.maxCommand;
  CommandReader reader({.command = limit});
  std::optional<net::Deadline> rest;
  while (true) {
    if (stream_.buffered().empty()) co_await stream_.flush(transfer());
    const auto line = co_await stream_.readLine(limit + 2, rest ? rest->left() : untilNextCommand());
    if (!rest) rest.emplace(transfer());
    if (!line) {
      done_ = true;
      co_return;
    }
    const auto next = reader.addLine(*line);
    if (next == CommandReader::Next::complete) co_return co_await answer(reader.text());
    if (next == CommandReader::Next::message) co_return co_await answerAppend(reader);
    if (next == CommandReader::Next::tooBig) co_return co_await refuseSize(reader);
    if (reader.literalIsSynchronizing()) {
      stream_.write("+ Ready for the literal\r\n");
      co_await stream_.flush(transfer());
    }
    reader.addLiteral(co_await stream_.readOctets(reader.literalSize(), rest->left()));
  }
}

Task<> Session::answer(std::string_view text) {
  const auto began = std::chrono::steady_clock::now();
  const auto parsed = imap::parseCommand(text);
  if (!identity_ && ++commandsBeforeLogin_ > services_.config.clients.limits.idleCommands && !isExempt()) {
    bye("Too many commands without a login", Farewell::refused);
    co_return;
  }
  if (!parsed) {
    countBad();
    services_.metrics.countCommand("unknown", imap::Condition::bad, 0);
    co_return co_await reply(parsed.error().tag, Reply::bad(parsed.error().reason));
  }
  const Reply result = co_await execute(parsed->command);
  if (result.condition == imap::Condition::bad) {
    countBad();
  } else {
    badCommands_ = 0;  // a client that is understood again is not made to pay for days of small mistakes
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  services_.metrics.countCommand(nameOf(parsed->command), result.condition, took.count());
  if (std::exchange(idleNext_, false)) {
    idleTag_ = parsed->tag;
  } else {
    co_await reply(parsed->tag, result);
  }
}

Task<> Session::reply(std::string_view tag, const Reply& reply) {
  stream_.write(imap::toLine(tag, reply));
  if (stream_.buffered().empty()) co_await stream_.flush(transfer());
}

/// What was past a limit is refused; what of it is on its way already is read and dropped, or the session ends.
Task<> Session::refuseSize(const CommandReader& reader) {
  services_.metrics.literalsRejected.Increment();
  countBad();
  const Reply refusal =
      reader.hasLiteral() ? Reply::no("TOOBIG", "The literal is too big") : Reply::bad("The command is too long");
  if (!co_await discardRest(reader)) co_return;
  co_await reply(reader.tag(), refusal);
}

/// True if the conversation can go on: the rest of the command was read, or the client waits before sending it.
Task<bool> Session::discardRest(const CommandReader& refused) {
  constexpr std::uint64_t kDropped = std::uint64_t{64} * 1024;  // at a time
  const std::uint64_t most = 2 * services_.config.maxMessageSize;
  CommandReader announced = refused;
  std::uint64_t dropped = 0;
  while (announced.hasLiteral() && !announced.literalIsSynchronizing()) {
    if (announced.literalSize() > most - dropped) {
      bye("[TOOBIG] The literal is too big", Farewell::error);
      co_return false;
    }
    dropped += announced.literalSize();
    for (std::uint64_t left = announced.literalSize(); left > 0;) {
      std::string octets;
      const std::size_t count = co_await stream_.readSome(octets, std::min<std::uint64_t>(left, kDropped), transfer());
      if (count == 0) throw net::ConnectionLost("the client left within a literal");
      left -= count;
    }
    const auto line = co_await stream_.readLine(services_.config.maxCommand + 2, transfer());
    if (!line) throw net::ConnectionLost("the client left within a command");
    announced = CommandReader({.command = services_.config.maxCommand});
    announced.addLine(*line);
  }
  co_return true;
}

/// After the OK to STARTTLS: nothing that was known before counts any more (RFC 3501 §6.2.1).
Task<> Session::upgrade() {
  tlsNext_ = false;
  co_await stream_.flush(transfer());
  co_await stream_.startTls(*tls_, {services_.config.loginTimeout, stop_});
  tls_ = nullptr;
}

void Session::countBad() {
  if (++badCommands_ >= services_.config.maxBadCommands) bye("Too many bad commands", Farewell::error);
}

void Session::say(std::string_view untagged) {
  stream_.write("* ");
  stream_.write(untagged);
  stream_.write("\r\n");
}

void Session::bye(std::string_view text, Farewell why) {
  if (done_) return;
  say(fmt::format("BYE {}", text));
  farewell_ = why;
  done_ = true;
}

/// The user has to be shown what only an administrator can change (ALERT, RFC 3501 §7.1).
void Session::sayEnding(login::EndReason reason) {
  const std::string_view code = reason == login::EndReason::loggedOut ? "" : "[ALERT] ";
  log_.info("imap.ended", login::explain(reason));
  bye(fmt::format("{}{}", code, login::explain(reason)), Farewell::ended);
}

void Session::enter(Stage stage) {
  services_.metrics.sessions(stage_).Decrement();
  stage_ = stage;
  services_.metrics.sessions(stage_).Increment();
}

/// Between the pieces of a long answer: the client takes what there is before more is made.
Task<> Session::breathe() {
  constexpr std::size_t kPiece = std::size_t{64} * 1024;
  if (stream_.unflushed() >= kPiece) co_await stream_.flush(transfer());
}

net::Patience Session::untilNextCommand() {
  const auto& config = services_.config;
  return {identity_ ? config.idleTimeout : config.loginTimeout, stop_, wakeup()};
}

/// What has begun is finished, unless the client falls silent until the end of the drain, or may not go on.
net::Patience Session::transfer() {
  return {services_.config.transferTimeout, services_.lastCall, wakeup()};
}

}  // namespace posthouse::imapd
