#include "session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "net/hang_up.h"
#include "smtp/parser.h"

namespace posthouse::smtpd {

using smtp::Reply;

namespace {

/// A verb as metrics know it: those of commands that exist.
struct VerbOf {
  std::string_view operator()(const smtp::Helo&) const { return "helo"; }
  std::string_view operator()(const smtp::Ehlo&) const { return "ehlo"; }
  std::string_view operator()(const smtp::Lhlo&) const { return "unknown"; }
  std::string_view operator()(const smtp::Mail&) const { return "mail"; }
  std::string_view operator()(const smtp::Rcpt&) const { return "rcpt"; }
  std::string_view operator()(const smtp::Data&) const { return "data"; }
  std::string_view operator()(const smtp::Rset&) const { return "rset"; }
  std::string_view operator()(const smtp::Noop&) const { return "noop"; }
  std::string_view operator()(const smtp::Quit&) const { return "quit"; }
  std::string_view operator()(const smtp::StartTls&) const { return "starttls"; }
  std::string_view operator()(const smtp::Help&) const { return "help"; }
  std::string_view operator()(const smtp::Vrfy&) const { return "vrfy"; }
  std::string_view operator()(const smtp::Expn&) const { return "expn"; }
  std::string_view operator()(const smtp::Auth&) const { return "auth"; }
};

constexpr std::size_t kMaxSkipped = 1024 * 1024;  // of a line that is too long
constexpr std::size_t kMaxUnflushed = 64 * 1024;  // of replies to pipelined commands
constexpr std::chrono::seconds kFarewellTimeout{5};
constexpr std::chrono::milliseconds kQuickClose{500};
constexpr std::chrono::seconds kProvesWithin{30};  // a connection that ends later may have been ended by a middlebox
constexpr std::chrono::seconds kProvesByStaying{2};

bool isContained(const std::vector<net::Network>& networks, const net::Address& address) {
  return std::ranges::any_of(networks, [&](const net::Network& network) { return network.contains(address); });
}

}  // namespace

Session::Session(std::unique_ptr<net::ByteStream> stream, const ListenerConfig& listener,
                 const Environment& environment, std::string sessionId, const observe::Log& log, std::stop_token stop,
                 std::stop_token lastCall)
    : stream_(std::move(stream)),
      listener_(listener),
      environment_(environment),
      config_(environment.config),
      log_(log.with(
          {{"session_id", sessionId}, {"remote_ip", stream_.bytes().peer().host}, {"listener", listener.socket.name}})),
      stop_(std::move(stop)),
      lastCall_(std::move(lastCall)) {
  client_.sessionId = std::move(sessionId);
  client_.address = stream_.bytes().peer();
  client_.tlsVersion = stream_.bytes().tlsVersion();
  client_.tlsCipher = stream_.bytes().tlsCipher();
  client_.mayRelay = isContained(config_.relayNetworks, client_.address);
  client_.isThere = [this] { return !stream_.bytes().hasPeerClosed(); };
}

Task<> Session::run() {
  const auto begun = std::chrono::steady_clock::now();
  log_.info("smtp.session.open", "client connected");
  std::string reason;
  try {
    reason = co_await talk();
  } catch (const net::ConnectionLost& lost) {
    reason = lost.what();
  } catch (const net::Interrupted& interrupted) {
    reason = interrupted.what();  // while saying farewell
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  log_.info("smtp.session.close", reason, {{"duration_s", took.count()}, {"messages", messages_}, {"errors", errors_}});
}

/// Says why it ended.
Task<std::string> Session::talk() {
  std::optional<Reply> farewell;  // said below: a handler cannot co_await
  try {
    co_await converse();
  } catch (const net::Interrupted& interrupted) {
    farewell = this->farewell(interrupted.why);
  }
  std::string reason = ended_ ? "all is said" : "the client left";
  if (farewell) {
    reason = farewell->text();
    say(*farewell);
  }
  open_.reset();
  co_await flush(kFarewellTimeout);
  if (unproven_ && ended_) co_await waitForClose();
  co_await (lastCall_.stop_requested() ? net::hangUp(stream_.bytes(), net::kHangUpAtDrain)
                                       : net::hangUp(stream_.bytes()));
  co_return reason;
}

Reply Session::farewell(net::Interrupt why) const {
  if (mustEnd()) return Reply(421, "4.7.0 " + std::string(login::explain(*open_->ending())));
  if (why == net::Interrupt::timeout) return Reply(421, "4.4.2 Too long without a command");
  return Reply(421, "4.3.2 Shutting down");
}

Task<> Session::converse() {
  say(Reply(220, config_.hostname + " ESMTP Posthouse"));
  while (!ended_) {
    std::optional<std::string> line;
    bool tooLong = false;
    try {
      line = co_await nextLine();
    } catch (const net::LineTooLong&) {
      tooLong = true;
    }
    if (tooLong) {
      const bool skipped = co_await stream_.skipLine(kMaxSkipped, patience());
      say(Reply(500, "5.5.6 Line too long"));
      if (!skipped) co_return;
      continue;
    }
    if (!line) co_return;  // the client hung up
    say(co_await answer(*std::move(line)));
    if (startTlsNext_) co_await startTls();
    if (errors_ > config_.maxErrors && !ended_) {
      say(Reply(421, "4.7.0 Too many errors"));
      ended_ = true;
    }
  }
}

/// Replies to commands that came together leave together (RFC 2920 §3.2).
Task<std::optional<std::string>> Session::nextLine() {
  if (stop_.stop_requested() && !transaction_) throw net::Interrupted(net::Interrupt::shutdown);
  if (open_) open_->heed();
  if (auto line = stream_.tryLine(smtp::kMaxCommandLine)) {
    if (stream_.unflushed() >= kMaxUnflushed) co_await flush(kWriteTimeout);
    co_return line;
  }
  co_await flush(kWriteTimeout);
  const bool heardOut = !stream_.hasBufferedInput();
  if (unproven_ && heardOut) co_await confirmByStaying();
  auto line = co_await stream_.readLine(smtp::kMaxCommandLine, patience());
  if (line && heardOut) confirm();  // it was sent after our last reply
  if (!line && heardOut) confirmByClosing();
  co_return line;
}

/// The client knows what became of its mail.
void Session::confirm() {
  if (!unproven_) return;
  unproven_->confirm();
  unproven_.reset();
}

/// Whoever stays for a while after his system has acknowledged our reply has read it: with his process, the connection
/// would have ended. Without this, who keeps a connection for his next mail makes the same octets that another process
/// of ours takes look like his retry. This errs for a client that hangs, and is then ended and tries again.
Task<> Session::confirmByStaying() {
  try {
    co_await stream_.waitForInput({kProvesByStaying, patience().stop, wakeup()});
    co_return;
  } catch (const net::Interrupted& interrupted) {
    if (interrupted.why != net::Interrupt::timeout) throw;
  }
  if (stream_.bytes().isAcknowledged()) confirm();
}

/// The input has ended. QUIT that came in one segment with the final dot proves nothing, and many clients send it so;
/// but whoever closes after his system has acknowledged our reply has read it, or his system would have sent a reset
/// for what he left unread. This errs for a client that ends its own direction in the moment between the dot and our
/// reply, or whose system sends no reset, and which then dies with the reply unread; and behind a proxy, that dies
/// between the proxy's reading and its own. Such a client's retry arrives as a second mail.
void Session::confirmByClosing() {
  const bool isSoon = std::chrono::steady_clock::now() - repliedAt_ < kProvesWithin;
  if (unproven_ && repliedInTime_ && isSoon && stream_.bytes().isAcknowledged()) confirm();
}

/// After QUIT.
Task<> Session::waitForClose() {
  net::ByteStream& bytes = stream_.bytes();
  try {
    // Our closing of TLS is an octet that the client leaves unread, so that its system resets: it is let go first.
    if (bytes.isSecure()) co_await stream_.waitForInput({kQuickClose, stop_});
  } catch (const net::Interrupted&) {
  }
  try {
    co_await bytes.shutdown(kFarewellTimeout);
    const bool more = co_await stream_.waitForInput({kFarewellTimeout, stop_});
    if (!more) confirmByClosing();
  } catch (const net::Interrupted&) {
  }
}

/// Between mails a shutdown is heard; a mail that has begun is finished, unless the client falls silent.
net::Patience Session::patience() {
  return {config_.commandTimeout, transaction_ ? lastCall_ : stop_, wakeup()};
}

Task<Reply> Session::answer(std::string line) {
  const auto begun = std::chrono::steady_clock::now();
  smtp::Extensions extensions;
  extensions.auth = listener_.service == Service::submission;
  const auto command = smtp::parseCommand(line, extensions);
  std::optional<Reply> reply;
  if (!command) {
    const Stage stage = transaction_ ? Stage::rcpt : client_.greeting.empty() ? Stage::helo : Stage::mail;
    environment_.metrics.rejection(stage, Reason::syntax);
    reply = command.error();
  } else {
    reply = co_await std::visit([this](const auto& c) { return on(c); }, *command);
  }
  const std::string_view verb = command ? std::visit(VerbOf{}, *command) : "unknown";
  environment_.metrics.command(listener_.socket.name, verb, reply->code, std::chrono::steady_clock::now() - begun);
  if (!ended_ && talksTooMuch(verb)) {
    reply = Reply(421, "4.7.0 Too many commands without a mail");
    ended_ = true;
  }
  co_return *std::move(reply);
}

/// Commands that lead to no mail can be given without end.
bool Session::talksTooMuch(std::string_view verb) {
  constexpr std::array<std::string_view, 7> kIdle{"helo", "ehlo", "rset", "noop", "help", "vrfy", "expn"};
  if (verb == "data") idleCommands_ = 0;
  if (std::ranges::find(kIdle, verb) == kIdle.end()) return false;
  const daemon::ClientPolicy& policy = config_.clientPolicy;
  return ++idleCommands_ > policy.limits.idleCommands && !policy.isExempt(client_.address);
}

/// Queues a reply. A refusal names the session, so that what a user shows us leads to the log.
void Session::say(const Reply& reply) {
  Reply said = reply;
  if (!reply.isPositive()) said.lines.back() += " (session " + client_.sessionId + ')';
  if (reply.isPermanent()) ++errors_;
  stream_.write(said.wire());
}

Task<> Session::flush(std::chrono::milliseconds timeout) {
  if (stream_.unflushed() == 0) co_return;
  repliedInTime_ = !stream_.bytes().hasPeerClosed();
  repliedAt_ = std::chrono::steady_clock::now();
  co_await stream_.flush(timeout);
}

Reply Session::refuse(Stage stage, Reason reason, int code, std::string_view text) {
  environment_.metrics.rejection(stage, reason);
  return Reply(code, text);
}

bool Session::isProtected() const {
  return config_.clientPolicy.isProtected(stream_.bytes());
}

}  // namespace posthouse::smtpd
