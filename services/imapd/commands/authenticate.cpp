// STARTTLS, AUTHENTICATE (with SASL-IR, RFC 4959) and LOGIN, RFC 3501 §6.2.
#include <fmt/format.h>

#include "base/base64.h"
#include "sasl/exchange.h"
#include "session.h"

namespace posthouse::imapd {
namespace {

using LoginResult = daemon::LoginMetrics::Result;

LoginResult resultOf(LoginFailure failure) {
  switch (failure) {
    case LoginFailure::badCredentials:
      return LoginResult::badPassword;
    case LoginFailure::disabled:
      return LoginResult::disabled;
    case LoginFailure::notAuthorized:
      return LoginResult::notAuthorized;
    case LoginFailure::unavailable:
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

Task<imap::Reply> Session::on(const imap::Authenticate& authenticate) {
  if (!mayLogIn()) co_return Reply::no("PRIVACYREQUIRED", "TLS first");
  const auto exchange = sasl::begin(authenticate.mechanism);
  if (!exchange) co_return Reply::no("CANNOT", "No such mechanism");
  std::optional<std::string> response;
  if (authenticate.initialResponse) {
    response = base64::decode(*authenticate.initialResponse == "=" ? "" : *authenticate.initialResponse);
    if (!response) co_return Reply::bad("The response is not base 64");
  }
  while (true) {
    const auto step = exchange->next(response);
    if (const auto* malformed = std::get_if<sasl::Malformed>(&step)) {
      services_.metrics.logins.count(authenticate.mechanism, LoginResult::error);
      co_return Reply::bad(malformed->reason);
    }
    if (const auto* credentials = std::get_if<sasl::Credentials>(&step))
      co_return co_await logIn(*credentials, authenticate.mechanism);
    stream_.write(fmt::format("+ {}\r\n", base64::encode(std::get<sasl::Challenge>(step).octets)));
    co_await stream_.flush(transfer());
    const auto line = co_await stream_.readLine(services_.config.maxCommand, untilNextCommand());
    if (!line) throw net::ConnectionLost("the client left within AUTHENTICATE");
    if (*line == "*") co_return Reply::bad("AUTHENTICATE cancelled");
    response = base64::decode(*line);
    if (!response) co_return Reply::bad("The response is not base 64");
  }
}

Task<imap::Reply> Session::on(const imap::Login& login) {
  if (!mayLogIn()) co_return Reply::no("PRIVACYREQUIRED", "TLS first");
  co_return co_await logIn(
      {.authorizationIdentity = {}, .authenticationIdentity = login.user, .password = login.password}, "LOGIN");
}

Task<imap::Reply> Session::logIn(const sasl::Credentials& credentials, std::string mechanism) {
  const auto answer = co_await services_.authenticator.authenticate(credentials, remoteAddress_, id_);
  services_.metrics.logins.count(mechanism, answer ? LoginResult::ok : resultOf(answer.error()));
  if (answer) co_return welcome(*answer);
  if (answer.error() == LoginFailure::unavailable) {
    co_return Reply::no("UNAVAILABLE", "Logins cannot be checked now, try again later");
  }
  log_.warn("auth.failed", "Login refused", {{"user", credentials.authenticationIdentity}, {"protocol", "imap"}});
  if (!isExempt()) co_await services_.loop.sleep(services_.config.failureDelay, stop_);
  if (++loginFailures_ >= services_.config.maxLoginFailures) bye("Too many failed logins", Farewell::refused);
  switch (answer.error()) {
    case LoginFailure::disabled:
      co_return Reply::no("CONTACTADMIN", "The account is disabled");
    case LoginFailure::notAuthorized:
      co_return Reply::no("AUTHORIZATIONFAILED", "You may not act as this user");
    default:
      co_return Reply::no("AUTHENTICATIONFAILED", "Wrong name or password");
  }
}

imap::Reply Session::welcome(const Identity& identity) {
  if (!isExempt() &&
      services_.watchers.sessions(identity.account) >= services_.config.clients.limits.connectionsPerAccount) {
    return Reply::no("LIMIT", "Too many connections of this account");
  }
  identity_ = identity;
  watch_.emplace(services_.watchers, identity.account);
  enter(Stage::authenticated);
  log_ = log_.with({{"account_id", static_cast<std::int64_t>(identity.account)}});
  log_.info("imap.login", "Logged in", {{"tls", stream_.bytes().isSecure()}});
  return Reply::ok(fmt::format("CAPABILITY {}", capabilities()), "Logged in");
}

}  // namespace posthouse::imapd
