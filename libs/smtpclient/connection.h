#pragma once
#include <expected>
#include <memory>

#include "async/task.h"
#include "net/line_stream.h"
#include "net/loop.h"
#include "smtp/announcement.h"
#include "smtp/reply_reader.h"
#include "smtpclient/content.h"
#include "smtpclient/envelope.h"
#include "smtpclient/laps.h"
#include "smtpclient/outcome.h"
#include "smtpclient/settings.h"

namespace posthouse::smtpclient {

/// A conversation with one server, on which mails are sent one after the other (RFC 5321 §3, RFC 2033 §4.2).
class Connection {
 public:
  using Opened = std::expected<std::unique_ptr<Connection>, Outcome>;

  /// Waits for the greeting, says EHLO (HELO to those who do not know it) or LHLO, and turns to TLS if the settings
  /// have a context and the peer offers it. A stream on which TLS failed cannot go on: the outcome's phase is then
  /// `tls`.
  static Task<Opened> open(std::unique_ptr<net::ByteStream> stream, Settings settings, net::Patience whole);

  /// Sends one mail. `whole` bounds it all, besides the settings' bound for each step. Commands go together where the
  /// peer takes it (RFC 2920). Throws only what `content` throws.
  Task<Result> send(const Envelope& envelope, Content& content, net::Patience whole);

  /// False once the peer has gone, hung, said 421 or something that is no SMTP.
  bool isUsable() const noexcept { return isUsable_ && !stream_.hasBufferedInput(); }
  bool isSecure() const { return stream_.bytes().isSecure(); }
  /// Whether the peer knows by keys what it has already taken, so that a mail may be sent twice.
  bool takesDeliveryIds() const { return announcement_.offers("XDELIVERYID"); }

  /// Says QUIT and waits for the reply, for a short time. Throws nothing.
  Task<> quit();

 private:
  friend class Transaction;
  class Budget;

  Connection(std::unique_ptr<net::ByteStream> stream, Settings settings);

  Task<std::optional<Outcome>> greet(Phase& phase, Laps& laps, const Budget& budget);
  Task<smtp::Reply> hello(const Budget& budget);
  Task<std::optional<Outcome>> startTls(const Budget& budget);
  Task<smtp::Reply> ask(const smtp::Command& command, net::Patience patience);
  Task<smtp::Reply> readReply(net::Patience patience);

  net::LineStream stream_;
  Settings settings_;
  smtp::Announcement announcement_;
  smtp::ReplyReader replies_;
  bool isUsable_ = false;
  bool needsReset_ = false;  // a transaction was begun and not ended
};

/// Connects and opens. Where TLS is offered but fails, connects once more and does without: encryption is opportunistic
/// between servers (RFC 7435).
Task<Connection::Opened> connect(net::Loop& loop, net::Address address, Settings settings, net::Patience whole);

}  // namespace posthouse::smtpclient
