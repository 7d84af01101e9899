#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "acceptance.h"
#include "async/task.h"
#include "base/memory_budget.h"
#include "client.h"
#include "config.h"
#include "directory/directory.h"
#include "login/authenticator.h"
#include "login/open_sessions.h"
#include "metrics.h"
#include "net/line_stream.h"
#include "net/tls_context.h"
#include "observe/log.h"
#include "retry_keys.h"
#include "smtp/command.h"
#include "smtp/reply.h"
#include "store/queue_id.h"
#include "transaction.h"

namespace posthouse::smtpd {

/// What sessions share. All of it outlives them.
struct Environment {
  const Config& config;
  directory::Directory& directory;
  login::Authenticator& authenticator;
  login::OpenSessions& openSessions;
  Acceptance& acceptance;
  std::function<store::QueueId()> mintQueueId;
  Metrics& metrics;
  MemoryBudget& memory;  // for messages
  bool offersTls = false;
  /// For a new connection of the listener; asked only if TLS is offered.
  std::function<const net::TlsContext&(const daemon::ListenerConfig&)> tls;
};

/// One client's conversation, RFC 5321 §3. Each `on` is a command: it decides, and returns the reply.
class Session {
 public:
  Session(std::unique_ptr<net::ByteStream> stream, const ListenerConfig& listener, const Environment& environment,
          std::string sessionId, const observe::Log& log, std::stop_token stop, std::stop_token lastCall);

  /// Until one side ends it. `stop` is heard between mails, for a mail that has begun is finished; `lastCall` while the
  /// client is waited for anywhere.
  Task<> run();

 private:
  static constexpr std::chrono::seconds kWriteTimeout{300};  // for a client that does not read

  Task<std::string> talk();
  Task<> converse();
  Task<std::optional<std::string>> nextLine();
  Task<smtp::Reply> answer(std::string line);
  bool talksTooMuch(std::string_view verb);
  void say(const smtp::Reply& reply);
  Task<> flush(std::chrono::milliseconds timeout);
  void confirm();
  Task<> confirmByStaying();
  void confirmByClosing();
  Task<> waitForClose();
  net::Patience patience();
  net::Wakeup* wakeup() { return open_ ? &open_->wakeup() : nullptr; }
  bool mustEnd() const { return open_ && open_->ending(); }
  smtp::Reply farewell(net::Interrupt why) const;
  Task<> startTls();

  Task<smtp::Reply> on(const smtp::Helo& helo);
  Task<smtp::Reply> on(const smtp::Ehlo& ehlo);
  Task<smtp::Reply> on(const smtp::Lhlo& lhlo);
  Task<smtp::Reply> on(const smtp::StartTls& startTls);
  Task<smtp::Reply> on(const smtp::Auth& auth);
  Task<smtp::Reply> on(const smtp::Mail& mail);
  Task<smtp::Reply> on(const smtp::Rcpt& rcpt);
  Task<smtp::Reply> on(const smtp::Data& data);
  Task<smtp::Reply> on(const smtp::Rset& rset);
  Task<smtp::Reply> on(const smtp::Noop& noop);
  Task<smtp::Reply> on(const smtp::Help& help);
  Task<smtp::Reply> on(const smtp::Vrfy& vrfy);
  Task<smtp::Reply> on(const smtp::Expn& expn);
  Task<smtp::Reply> on(const smtp::Quit& quit);

  bool offersStartTls() const;
  bool isProtected() const;
  bool maySend() const { return client_.identity || client_.mayRelay; }
  /// Who is behind an address, or nothing if nobody can be asked now.
  Task<std::optional<directory::Resolution>> resolve(std::string address);
  /// Whether who logged in may send from an address, or nothing if nobody can be asked now.
  Task<std::optional<bool>> maySendAs(std::string address);
  class AuthDialogue;
  smtp::Reply judge(const login::Outcome& outcome, const std::string& mechanism);
  std::optional<smtp::Reply> judge(const directory::Resolution& resolution);
  bool maySendTo(const directory::Resolution& resolution) const;
  /// The message that follows DATA, or the reply that refuses it once it has been read to its end.
  struct Received;
  Task<Received> receive(MemoryShare& memory);
  /// What refuses a message of somebody who logged in because of whom it says that it is from.
  Task<std::optional<smtp::Reply>> judgeAuthors(const std::string& content);
  smtp::Reply refuse(Stage stage, Reason reason, int code, std::string_view text);

  net::LineStream stream_;
  const ListenerConfig& listener_;
  const Environment& environment_;
  const Config& config_;
  observe::Log log_;
  std::stop_token stop_;
  std::stop_token lastCall_;
  Client client_;
  std::optional<login::OpenSession> open_;  // of client_.identity
  std::optional<Transaction> transaction_;
  std::optional<RetryKeys::Hold> unproven_;  // of the last mail, until the client shows that it read our reply
  bool repliedInTime_ = false;               // the client had not closed before what was flushed last
  std::chrono::steady_clock::time_point repliedAt_;
  std::size_t errors_ = 0;
  std::size_t idleCommands_ = 0;  // since the last mail
  std::size_t messages_ = 0;
  bool startTlsNext_ = false;
  bool ended_ = false;
};

}  // namespace posthouse::smtpd
