#pragma once
#include <expected>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "account_sessions.h"
#include "async/task.h"
#include "body.h"
#include "config.h"
#include "leases.h"
#include "login/authenticator.h"
#include "login/open_sessions.h"
#include "mail_store.h"
#include "maildrop.h"
#include "message_body.h"
#include "metrics.h"
#include "net/byte_stream.h"
#include "net/line_stream.h"
#include "net/loop.h"
#include "observe/log.h"
#include "pop3/command.h"
#include "read_ahead.h"
#include "releases.h"

namespace posthouse::pop3d {

/// What every session of the program shares. All of it outlives them.
struct Surroundings {
  net::Loop& loop;
  const SessionConfig& config;
  login::Authenticator& authenticator;
  MailStore& store;
  Metrics& metrics;
  const observe::Log& log;
  std::stop_token draining;  // sessions that nobody has logged into end
  std::stop_token stopping;  // all end, without UPDATE
  AccountSessions& accounts;
  login::OpenSessions& openSessions;
  ReadAheadPool& readAhead;
  Leases& leases;
  Releases& releases;
};

/// One client's conversation. States of RFC 1939 §3: AUTHORIZATION until there is a maildrop, then TRANSACTION; UPDATE
/// is QUIT's.
class Session {
 public:
  /// `tls`: for STLS; null where it is not offered. `timestamp`: for APOP, this session's and no other's
  /// (sasl/timestamp.h); empty where it is not offered. `mailbox`: which of an account's is its maildrop. `isKpop`: a
  /// Kerberos ticket comes before the greeting, and is the only way to log in.
  Session(std::unique_ptr<net::ByteStream> client, const net::TlsContext* tls, const Surroundings& surroundings,
          std::string timestamp = {}, std::string mailbox = "INBOX", bool isKpop = false);

  /// Returns when the conversation is over, whatever ended it.
  Task<> run();

 private:
  Task<> converse();
  Task<std::optional<std::string>> readCommand();
  Task<bool> isQuiet();
  Task<Answer> obey(const std::string& line);
  Task<Answer> execute(const pop3::Command& command);
  Answer badCommand(pop3::Reply reply);
  Task<> send(Answer answer);
  Task<> sendBody(Body& body);
  Task<> flush();
  Task<> bid(std::optional<pop3::Reply> farewell);
  Task<> leave();
  Task<> hangUp();

  // commands/, a file each
  Task<Answer> on(const pop3::Capa&);
  Task<Answer> on(const pop3::Stls&);
  Task<Answer> on(const pop3::User& user);
  Task<Answer> on(const pop3::Pass& pass);
  Task<Answer> on(const pop3::Apop& apop);
  Task<Answer> on(const pop3::Auth& auth);
  Task<Answer> on(const pop3::ListMechanisms&);
  Task<Answer> on(const pop3::Stat&);
  Task<Answer> on(const pop3::List& list);
  Task<Answer> on(const pop3::Uidl& uidl);
  Task<Answer> on(const pop3::Retr& retr);
  Task<Answer> on(const pop3::Top& top);
  Task<Answer> on(const pop3::Dele& dele);
  Task<Answer> on(const pop3::Noop&);
  Task<Answer> on(const pop3::Rset&);
  Task<Answer> on(const pop3::Quit&);
  Task<Answer> on(const pop3::Utf8&);
  Task<Answer> on(const pop3::Lang& lang);

  // commands/login.cpp: what PASS, APOP and AUTH have in common
  bool mayLogIn() const;
  pop3::Reply askForTls() const;
  class AuthDialogue;
  Task<Answer> conclude(login::Outcome outcome, std::string_view mechanism);
  Task<Answer> refuseLogin(login::Denial denial);

  // kpop.cpp
  Task<bool> takeTicket();
  Task<std::optional<std::string>> readMessage(std::size_t most, const net::Deadline& deadline);
  bool noKpop(std::string_view what);
  Task<Answer> claimTicket(const std::string& name);
  Task<Answer> useTicket();

  // commands/open_maildrop.cpp
  Task<std::expected<Snapshot, pop3::Reply>> openMaildrop(const login::Identity& account);
  Task<MailStore::Opened> takeMaildrop(const login::Identity& account);
  pop3::Reply refuseMaildrop(const login::Identity& account, const store::MaildropRefusal& refusal);
  Answer report(const Updated& updated);
  Task<bool> hasReceivedAll();
  Task<bool> hasClosedAfterAll();

  /// Why the message cannot be asked for, or nothing if it can.
  std::optional<pop3::Reply> refusal(pop3::MessageNumber message) const;
  MessageBody::Form form() const noexcept;
  pop3::Reply temporaryFailure(pop3::Text what) const;
  /// For the client's next line: in a drain, only who has not logged in is interrupted.
  net::Patience readPatience();
  net::Patience writePatience();
  net::Wakeup* wakeup() { return open_ ? &open_->wakeup() : nullptr; }

  const Surroundings& surroundings_;
  const net::TlsContext* tls_;
  const std::string id_;
  const std::string timestamp_;
  const std::string mailbox_;
  const std::string holder_;  // of the maildrop: this session
  const bool isKpop_;
  net::LineStream stream_;
  std::string user_;                  // as USER said, until PASS
  std::optional<Maildrop> maildrop_;  // of who logged in
  ReadAhead readAhead_;
  std::optional<AccountSessions::Place> place_;  // of who reads alone
  std::optional<Leases::Claim> claim_;           // of all others, until the maildrop is free again
  std::optional<login::OpenSession> open_;       // as long as maildrop_, with KPOP from the ticket on
  std::optional<login::Identity> ticket_;        // with KPOP: whose it is
  const pop3::Language* language_ = &pop3::english();
  bool isUtf8_ = false;        // RFC 6856 §2.1: messages go out as they are
  bool greeted_ = false;       // before, no POP3 is spoken
  bool startTls_ = false;      // after the reply that is being sent
  bool writing_ = false;       // interrupted now, what the client has of the reply is unknown
  std::optional<End> end_;     // set: the reply being sent is the last
  std::size_t retrieved_ = 0;  // messages, by RETR
  std::size_t deleted_ = 0;    // messages, by QUIT
  std::size_t expired_ = 0;
  unsigned errors_ = 0;  // after the login, in a row
  unsigned loginFailures_ = 0;
  std::size_t commandsBeforeLogin_ = 0;
};

}  // namespace posthouse::pop3d
