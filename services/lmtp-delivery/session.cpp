// The course of an LMTP session, RFC 2033 §4 and RFC 5321 §4.
#include "session.h"

#include "smtp/parser.h"

namespace posthouse::lmtp_delivery {

Session::Session(std::unique_ptr<net::ByteStream> client, const Parts& parts, std::string id, std::stop_token stop)
    : stream_(std::move(client)),
      parts_(parts),
      stop_(std::move(stop)),
      isTrusted_(parts.config.isTrusted(stream_.bytes().peer())),
      id_(std::move(id)) {}

Task<> Session::run() {
  std::optional<Reply> farewell;  // sent below: a handler cannot co_await
  try {
    co_await converse();
  } catch (const net::Interrupted& interrupted) {
    farewell = interrupted.why == net::Interrupt::timeout ? Reply(421, "4.4.2 Too long without a command")
                                                          : Reply(421, "4.3.2 Shutting down");
  } catch (const net::ConnectionLost&) {
    co_return;  // a transaction that was not answered is the client's
  }
  if (!farewell) co_return;
  try {
    send(*farewell);
    co_await stream_.flush(parts_.config.commandTimeout);
  } catch (const net::ConnectionLost&) {
  } catch (const net::Interrupted&) {
  }
}

Task<> Session::converse() {
  send(Reply(220, parts_.config.hostname + " LMTP"));
  while (!quit_) {
    if (!stream_.hasBufferedInput()) co_await stream_.flush(parts_.config.commandTimeout);
    const std::optional<std::string> line = co_await nextCommand();
    if (!line) break;  // the client hung up
    co_await answer(*line);
    if (awaitsData_) co_await receiveData();
    if (errors_ <= parts_.config.maxErrors) continue;
    send(Reply(421, "4.7.0 Too many errors"));
    break;
  }
  co_await stream_.flush(parts_.config.commandTimeout);
}

/// A line that is too long becomes an empty one, which the parser refuses.
Task<std::optional<std::string>> Session::nextCommand() {
  // Who has said MAIL may finish: being interrupted there would only make him do it all again.
  const net::Patience patience(parts_.config.commandTimeout, mail_ ? parts_.lastCall : stop_);
  bool tooLong = false;
  try {
    co_return co_await stream_.readLine(smtp::kMaxCommandLine, patience);
  } catch (const net::LineTooLong&) {
    tooLong = true;
  }
  const bool more = tooLong && co_await stream_.skipLine(1024 * 1024, patience);
  if (!more) co_return std::nullopt;
  co_return std::string();
}

Task<> Session::answer(const std::string& line) {
  const smtp::Extensions extensions{.deliveryId = isTrusted_};
  const auto command = smtp::parseCommand(line, extensions);
  if (!command) {
    send(command.error());
    co_return;
  }
  send(co_await std::visit([this](const auto& known) { return on(known); }, *command));
}

void Session::send(const Reply& reply) {
  if (reply.isPermanent()) ++errors_;
  stream_.write(reply.wire());
}

void Session::endTransaction() {
  mail_.reset();
  recipients_.clear();
}

Task<smtp::Reply> Session::on(const smtp::Lhlo&) {
  greeted_ = true;
  endTransaction();
  std::string lines = parts_.config.hostname + "\nPIPELINING\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES\nSIZE " +
                      std::to_string(parts_.config.maxMessageSize);
  if (isTrusted_) lines += "\nXDELIVERYID";
  co_return Reply(250, lines);
}

Task<smtp::Reply> Session::on(const smtp::Rset&) {
  endTransaction();
  co_return Reply(250, "2.0.0 OK");
}

Task<smtp::Reply> Session::on(const smtp::Noop&) {
  co_return Reply(250, "2.0.0 OK");
}

Task<smtp::Reply> Session::on(const smtp::Quit&) {
  quit_ = true;
  co_return Reply(221, "2.0.0 Bye");
}

/// HELO and EHLO belong to SMTP (RFC 2033 §4.1), the others are not offered.
template <class Other>
Task<smtp::Reply> Session::on(const Other&) {
  co_return Reply(500, "5.5.1 This is LMTP, and has no such command");
}

}  // namespace posthouse::lmtp_delivery
