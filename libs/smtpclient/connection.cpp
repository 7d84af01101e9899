// Opening a session and closing it: RFC 5321 §3.1, §3.2 and §4.1.1.10, RFC 3207, RFC 2033 §4.1.
#include "smtpclient/connection.h"

#include "net/connect.h"
#include "smtpclient/budget.h"
#include "smtpclient/transaction.h"
#include "smtpclient/trouble.h"

namespace posthouse::smtpclient {
namespace {

// Generous: RFC 5321 §4.5.3.1.5 says 512, and not everybody has read it.
constexpr std::size_t kMaxReplyLine = 4096;

}  // namespace

Connection::Connection(std::unique_ptr<net::ByteStream> stream, Settings settings)
    : stream_(std::move(stream)), settings_(std::move(settings)) {}

Task<Connection::Opened> Connection::open(std::unique_ptr<net::ByteStream> stream, Settings settings,
                                          net::Patience whole) {
  std::unique_ptr<Connection> connection(new Connection(std::move(stream), std::move(settings)));
  const Budget budget(std::move(whole));
  Laps laps(connection->settings_.onPhase);
  Phase phase = Phase::greeting;
  std::exception_ptr failure;
  try {
    if (auto refused = co_await connection->greet(phase, laps, budget)) co_return std::unexpected(std::move(*refused));
  } catch (...) {
    failure = std::current_exception();
    laps.ended(phase == Phase::tls ? Phase::tls : Phase::hello);
  }
  if (failure) co_return std::unexpected(outcomeOf(failure, phase));
  connection->isUsable_ = true;
  co_return connection;
}

Task<std::optional<Outcome>> Connection::greet(Phase& phase, Laps& laps, const Budget& budget) {
  const smtp::Reply greeting = co_await readReply(budget.step(settings_.timeouts.greeting));
  if (greeting.code != 220) co_return Outcome{greeting, phase};
  phase = Phase::hello;
  const smtp::Reply hello = co_await this->hello(budget);
  laps.ended(Phase::hello);
  if (hello.code / 100 != 2) co_return Outcome{hello, phase};
  if (!settings_.tls || !announcement_.offers("STARTTLS")) co_return std::nullopt;
  phase = Phase::tls;
  auto refused = co_await startTls(budget);
  laps.ended(Phase::tls);
  co_return refused;
}

Task<smtp::Reply> Connection::hello(const Budget& budget) {
  const net::Patience patience = budget.step(settings_.timeouts.command);
  smtp::Command command = smtp::Ehlo{settings_.heloName};
  if (settings_.protocol == Protocol::lmtp) command = smtp::Lhlo{settings_.heloName};
  smtp::Reply reply = co_await ask(command, patience);
  if (reply.code / 100 == 2) {
    announcement_ = smtp::Announcement(reply);
  } else if (reply.isPermanent() && settings_.protocol == Protocol::smtp) {
    announcement_ = {};
    reply = co_await ask(smtp::Helo{settings_.heloName}, patience);
  }
  co_return reply;
}

Task<std::optional<Outcome>> Connection::startTls(const Budget& budget) {
  const net::Patience patience = budget.step(settings_.timeouts.command);
  const smtp::Reply ready = co_await ask(smtp::StartTls{}, patience);
  if (ready.code != 220) co_return std::nullopt;  // offered and refused: opportunistic, so on in the clear
  if (stream_.hasBufferedInput()) throw NotSmtp("octets behind the reply to STARTTLS");
  co_await stream_.startTlsAsClient(*settings_.tls, settings_.serverName, patience);
  const smtp::Reply hello = co_await this->hello(budget);
  if (hello.code / 100 != 2) co_return Outcome{hello, Phase::tls};
  co_return std::nullopt;
}

Task<smtp::Reply> Connection::ask(const smtp::Command& command, net::Patience patience) {
  stream_.write(text(command) + "\r\n");
  co_await stream_.flush(patience);
  co_return co_await readReply(patience);
}

Task<smtp::Reply> Connection::readReply(net::Patience patience) {
  while (true) {
    const std::optional<std::string> line = co_await stream_.readLine(kMaxReplyLine, patience);
    if (!line) throw net::ConnectionLost("the peer hung up");
    auto reply = replies_.add(*line);
    if (!reply) throw NotSmtp(reply.error());
    if (!*reply) continue;
    if ((*reply)->code == 421) throw GoingAway(std::move(**reply));
    co_return std::move(**reply);
  }
}

Task<Result> Connection::send(const Envelope& envelope, Content& content, net::Patience whole) {
  Transaction transaction(*this, envelope, content, Budget(std::move(whole)));
  co_return co_await transaction.run();
}

Task<> Connection::quit() {
  if (!isUsable()) co_return;
  isUsable_ = false;
  try {
    co_await ask(smtp::Quit{}, settings_.timeouts.quit);
    co_await stream_.bytes().shutdown(settings_.timeouts.quit);
  } catch (const std::runtime_error&) {
    // Courtesy only: every mail has had its reply.
  }
}

namespace {

Task<Connection::Opened> connectOnce(net::Loop& loop, net::Address address, Settings settings, net::Patience whole) {
  const net::Deadline deadline(whole);
  Laps laps(settings.onPhase);
  std::unique_ptr<net::ByteStream> stream;
  std::exception_ptr failure;
  try {
    net::Patience patience = whole;
    patience.timeout = std::min(whole.timeout, settings.timeouts.connect);
    stream = co_await net::connect(loop, std::move(address), patience);
  } catch (...) {
    failure = std::current_exception();
  }
  laps.ended(Phase::connect);
  if (failure) co_return std::unexpected(outcomeOf(failure, Phase::connect));
  co_return co_await Connection::open(std::move(stream), std::move(settings), deadline.left());
}

}  // namespace

Task<Connection::Opened> connect(net::Loop& loop, net::Address address, Settings settings, net::Patience whole) {
  const net::Deadline deadline(whole);
  Connection::Opened opened = co_await connectOnce(loop, address, settings, whole);
  if (opened || opened.error().phase != Phase::tls) co_return opened;
  if (settings.onTlsFailed) settings.onTlsFailed();
  settings.tls.reset();
  co_return co_await connectOnce(loop, std::move(address), std::move(settings), deadline.left());
}

}  // namespace posthouse::smtpclient
