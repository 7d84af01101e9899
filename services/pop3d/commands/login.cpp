// What PASS, APOP and AUTH have in common: from credentials to the TRANSACTION state.
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

using pop3::ResponseCode;

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

pop3::Argument explain(const login::Denial& denial) {
  using pop3::Text;
  switch (denial.failure) {
    case login::Failure::disabled:
      return Text("This account is disabled");
    case login::Failure::notAuthorized:
      return Text("You may not act as that user");
    case login::Failure::needsAppPassword:
      return Text("This account logs in by app password here");
    case login::Failure::throttled:
      return Text("Too many failed logins, try again later");
    default:
      return denial.text.empty() ? Text("Wrong name or password") : pop3::said(denial.text);
  }
}

std::string inEnglish(const pop3::Argument& reason) {
  std::string words;
  pop3::render(pop3::english(), reason, words);
  return words;
}

}  // namespace

bool Session::mayLogIn() const {
  return surroundings_.config.clients.isProtected(stream_.bytes());
}

Reply Session::askForTls() const {
  if (tls_) return Reply::error("A password must not travel in the clear: use STLS first");
  return Reply::error("A password must not travel in the clear: connect with TLS");
}

/// What follows from an answer of accountd.
Task<Answer> Session::conclude(login::Outcome outcome, std::string_view mechanism) {
  if (!outcome && outcome.error().failure == login::Failure::noSuchMechanism)
    co_return Reply::error("No such mechanism");
  surroundings_.metrics.logins.count(mechanism, outcome ? LoginResult::ok : resultOf(outcome.error().failure));
  if (!outcome) co_return co_await refuseLogin(std::move(outcome.error()));
  auto opened = co_await openMaildrop(*outcome);
  if (!opened) co_return std::move(opened.error());
  maildrop_.emplace(*outcome, *std::move(opened));
  const net::Address& peer = stream_.bytes().peer();
  if (!open_)
    open_.emplace(surroundings_.openSessions, *outcome, login::OpenSession::Client{id_, peer.host}, mechanism,
                  stream_.bytes().isSecure());
  surroundings_.log.info("pop3.login", "logged in",
                         {{"session_id", id_},
                          {"account", outcome->address},
                          {"remote", peer.host},
                          {"mechanism", mechanism},
                          {"tls", stream_.bytes().tlsVersion()}});
  co_return Reply::ok("Maildrop has {0} {0:message|messages} ({1} {1:octet|octets})", maildrop_->count(),
                      maildrop_->octets());
}

Task<Answer> Session::refuseLogin(login::Denial denial) {
  if (denial.failure == login::Failure::malformed) co_return Reply::errorSaying(denial.text);
  if (denial.failure == login::Failure::unavailable) {
    surroundings_.log.warn("pop3.login.failed", "logins cannot be checked", {{"session_id", id_}});
    co_return temporaryFailure("Logins cannot be checked now, please try again later");
  }
  const net::Address& peer = stream_.bytes().peer();
  surroundings_.log.info("pop3.login.refused", inEnglish(explain(denial)),
                         {{"session_id", id_}, {"name", denial.name}, {"remote", peer.host}});
  ++loginFailures_;
  if (!surroundings_.config.clients.isExempt(peer)) {
    co_await surroundings_.loop.sleep(surroundings_.config.loginFailureDelay * loginFailures_, surroundings_.draining);
  }
  if (loginFailures_ >= surroundings_.config.maxLoginFailures) end_ = End::refused;
  // RFC 3206 §4: with SYS/TEMP, no client asks for another password.
  const bool isTemporary = denial.failure == login::Failure::throttled;
  const ResponseCode code = isTemporary ? ResponseCode::systemTemp : ResponseCode::authentication;
  co_return Reply::error(code, "{0} (session {1})", explain(denial), id_);
}

}  // namespace posthouse::pop3d
