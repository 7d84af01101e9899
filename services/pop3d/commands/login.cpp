// What PASS and AUTH have in common: from credentials to the TRANSACTION state.
#include <fmt/format.h>

#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

using pop3::ResponseCode;

namespace {

using LoginResult = daemon::LoginMetrics::Result;

LoginResult resultOf(Denial denial) {
  switch (denial) {
    case Denial::badCredentials:
      return LoginResult::badPassword;
    case Denial::disabled:
      return LoginResult::disabled;
    case Denial::notAuthorized:
      return LoginResult::notAuthorized;
  }
  return LoginResult::error;
}

std::string_view explain(Denial denial) {
  switch (denial) {
    case Denial::badCredentials:
      return "Wrong name or password";
    case Denial::disabled:
      return "This account is disabled";
    case Denial::notAuthorized:
      return "You may not act as that user";
  }
  return "";
}

}  // namespace

bool Session::mayLogIn() const {
  return surroundings_.config.clients.isProtected(stream_.bytes());
}

Reply Session::askForTls() const {
  return Reply::error(tls_ ? "A password must not travel in the clear: use STLS first"
                           : "A password must not travel in the clear: connect with TLS");
}

Task<Answer> Session::logIn(sasl::Credentials credentials, std::string_view mechanism) {
  const std::string name = credentials.authenticationIdentity;
  const net::Address& peer = stream_.bytes().peer();
  Authenticator::Client client{peer.host, id_};
  daemon::LoginMetrics& logins = surroundings_.metrics.logins;
  std::expected<Account, Denial> account;
  try {
    account = co_await surroundings_.authenticator.authenticate(std::move(credentials), std::move(client));
  } catch (const AuthenticatorAway&) {
    logins.count(mechanism, LoginResult::error);
    throw;
  }
  logins.count(mechanism, account ? LoginResult::ok : resultOf(account.error()));
  if (!account) co_return co_await refuseLogin(account.error(), name);
  const daemon::ClientPolicy& policy = surroundings_.config.clients;
  if (!policy.isExempt(peer) && surroundings_.accounts.of(account->id) >= policy.limits.connectionsPerAccount) {
    co_return Reply::error(ResponseCode::systemTemp, "Too many connections of this account");
  }
  place_.emplace(surroundings_.accounts, account->id);
  Snapshot snapshot = co_await surroundings_.store.open(account->id);
  maildrop_.emplace(*account, std::move(snapshot));
  surroundings_.log.info("pop3.login", "logged in",
                         {{"session_id", id_},
                          {"account", account->address},
                          {"remote", peer.host},
                          {"mechanism", mechanism},
                          {"tls", stream_.bytes().tlsVersion()}});
  co_return Reply::ok("Maildrop has " + maildrop_->summary());
}

Task<Answer> Session::refuseLogin(Denial denial, std::string name) {
  const net::Address& peer = stream_.bytes().peer();
  surroundings_.log.info("pop3.login.refused", explain(denial),
                         {{"session_id", id_}, {"name", name}, {"remote", peer.host}});
  ++loginFailures_;
  if (!surroundings_.config.clients.isExempt(peer)) {
    co_await surroundings_.loop.sleep(surroundings_.config.loginFailureDelay * loginFailures_, surroundings_.draining);
  }
  if (loginFailures_ >= surroundings_.config.maxLoginFailures) end_ = End::refused;
  co_return Reply::error(ResponseCode::authentication, fmt::format("{} (session {})", explain(denial), id_));
}

}  // namespace posthouse::pop3d
