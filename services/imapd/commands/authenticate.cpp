// STARTTLS, AUTHENTICATE (with SASL-IR, RFC 4959) and LOGIN, RFC 3501 §6.2.
#include <fmt/format.h>

#include "base/base64.h"
#include "login/response.h"
#include "session.h"

namespace posthouse::imapd {
namespace {

using LoginResult = daemon::LoginMetrics::Result;

LoginResult resultOf(login::Failure failure) {
  switch (failure) {
    case login::Failure::badCredentials:
      return LoginResult::badPassword;
    case login::Failure::disabled:
      return LoginResult::disabled;
    case login::Failure::notAuthorized:
      return LoginResult::notAuthorized;
    case login::Failure::needsAppPassword:
      return LoginResult::needsAppPassword;
    case login::Failure::throttled:
      return LoginResult::rateLimited;
    case login::Failure::malformed:
    case login::Failure::noSuchMechanism:
    case login::Failure::needsCode:
    case login::Failure::unavailable:
      break;
  }
  return LoginResult::error;
}

}  // namespace

bool Session::mayLogIn() const {
  return services_.config.clients.isProtected(stream_.bytes());
}

bool Session::isExempt() const {
  return services_.config.clients.isExempt(stream_.bytes().peer());
}

Task<imap::Reply> Session::on(const imap::StartTls&) {
  if (stream_.bytes().isSecure()) co_return Reply::bad("TLS is on already");
  if (!tls_) co_return Reply::bad("TLS is not offered here");
  // What came behind the command came in the clear and must not count as said under TLS (RFC 2595 §2.2, CVE-2011-0411).
  if (stream_.hasBufferedInput()) co_return Reply::bad("Commands behind STARTTLS");
  tlsNext_ = true;
  co_return Reply::ok("Begin TLS negotiation now");
}

/// Challenges and responses as continuations, RFC 3501 §6.2.2.
class Session::AuthenticateDialogue final : public login::Dialogue {
 public:
  explicit AuthenticateDialogue(Session& session) : session_(session) {}

  Task<std::optional<std::string>> ask(std::string challenge) override {
    net::LineStream& stream = session_.stream_;
    stream.write(fmt::format("+ {}\r\n", base64::encode(challenge)));
    co_await stream.flush(session_.transfer());
    const auto line = co_await stream.readLine(session_.services_.config.maxCommand, session_.untilNextCommand());
    if (!line) throw net::ConnectionLost("the client left within AUTHENTICATE");
    if (*line == "*") {
      refusal_ = Reply::bad("AUTHENTICATE cancelled");
      co_return std::nullopt;
    }
    auto response = login::readResponse(*line);
    if (!response) refusal_ = Reply::bad("The response is not base 64");
    co_return response;
  }

  /// Why there was no response.
  Reply refusal() && { return std::move(*refusal_); }

 private:
  Session& session_;
  std::optional<Reply> refusal_;
};

Task<imap::Reply> Session::on(const imap::Authenticate& authenticate) {
  if (!mayLogIn()) co_return Reply::no("PRIVACYREQUIRED", "TLS first");
  std::optional<std::string> response;
  if (authenticate.initialResponse) {
    response = login::readResponse(*authenticate.initialResponse);
    if (!response) co_return Reply::bad("The response is not base 64");
  }
  AuthenticateDialogue dialogue(*this);
  auto outcome = co_await services_.authenticator.exchange(
      authenticate.mechanism, std::move(response), login::bindableConnectionOf("imap", stream_.bytes(), id_), dialogue);
  if (!outcome) co_return std::move(dialogue).refusal();
  co_return co_await conclude(*std::move(outcome), authenticate.mechanism);
}

Task<imap::Reply> Session::on(const imap::Login& login) {
  if (!mayLogIn()) co_return Reply::no("PRIVACYREQUIRED", "TLS first");
  co_return co_await conclude(co_await services_.authenticator.checkPassword(
                                  login.user, login.password, login::connectionOf("imap", stream_.bytes(), id_)),
                              "LOGIN");
}

/// What follows from an answer of accountd.
Task<imap::Reply> Session::conclude(login::Outcome outcome, std::string_view mechanism) {
  if (!outcome && outcome.error().failure == login::Failure::noSuchMechanism) {
    co_return Reply::no("CANNOT", "No such mechanism");
  }
  services_.metrics.logins.count(mechanism, outcome ? LoginResult::ok : resultOf(outcome.error().failure));
  if (outcome) co_return welcome(*outcome, mechanism);
  const login::Denial& denial = outcome.error();
  if (denial.failure == login::Failure::malformed) co_return Reply::bad(denial.text);
  if (denial.failure == login::Failure::unavailable) {
    co_return Reply::no("UNAVAILABLE", "Logins cannot be checked now, try again later");
  }
  log_.warn("auth.failed", "Login refused", {{"user", denial.name}, {"protocol", "imap"}});
  if (!isExempt()) co_await services_.loop.sleep(services_.config.failureDelay, stop_);
  if (++loginFailures_ >= services_.config.maxLoginFailures) bye("Too many failed logins", Farewell::refused);
  switch (denial.failure) {
    case login::Failure::disabled:
      co_return Reply::no("CONTACTADMIN", "The account is disabled");
    case login::Failure::notAuthorized:
      co_return Reply::no("AUTHORIZATIONFAILED", "You may not act as this user");
    case login::Failure::needsAppPassword:  // a client must show an ALERT to its user (RFC 3501 §7.1)
      co_return Reply::no("ALERT", "This account logs in by app password here");
    case login::Failure::throttled:  // not what makes a client forget its password
      co_return Reply::no("UNAVAILABLE", "Too many failed logins, try again later");
    default:
      co_return Reply::no("AUTHENTICATIONFAILED", denial.text.empty() ? "Wrong name or password" : denial.text);
  }
}

imap::Reply Session::welcome(const login::Identity& identity, std::string_view mechanism) {
  if (!isExempt() &&
      services_.watchers.sessions(identity.account) >= services_.config.clients.limits.connectionsPerAccount) {
    return Reply::no("LIMIT", "Too many connections of this account");
  }
  identity_ = identity;
  watch_.emplace(services_.watchers, identity.account);
  open_.emplace(services_.openSessions, identity, login::OpenSession::Client{id_, remoteAddress_}, mechanism,
                stream_.bytes().isSecure());
  open_->alsoWake(watch_->wakeup());
  enter(Stage::authenticated);
  log_ = log_.with({{"account_id", static_cast<std::int64_t>(identity.account)}});
  log_.info("imap.login", "Logged in", {{"tls", stream_.bytes().isSecure()}});
  return Reply::ok(fmt::format("CAPABILITY {}", capabilities()), "Logged in");
}

}  // namespace posthouse::imapd
