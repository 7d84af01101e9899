// AUTH, RFC 4954 §4.
#include "base/base64.h"
#include "session.h"
#include "smtp/parser.h"

namespace posthouse::smtpd {

using smtp::Reply;
using LoginResult = daemon::LoginMetrics::Result;

Task<Reply> Session::on(const smtp::Auth& auth) {
  if (listener_.service != Service::submission) co_return Reply(502, "5.5.1 Nobody logs in here");
  if (!isProtected()) co_return Reply(538, "5.7.11 Encryption required: STARTTLS comes first");
  if (client_.greeting.empty()) co_return Reply(503, "5.5.1 EHLO comes first");
  if (client_.identity) co_return Reply(503, "5.5.1 Logged in already");
  if (transaction_) co_return Reply(503, "5.5.1 Not during a mail transaction");
  const auto exchange = sasl::begin(auth.mechanism);
  if (!exchange) co_return Reply(504, "5.5.4 Mechanism not supported");

  sasl::Step step = exchange->next(auth.initialResponse);
  std::string response;
  while (const auto* challenge = std::get_if<sasl::Challenge>(&step)) {
    if (auto refused = co_await readResponse(challenge->octets, response)) co_return *std::move(refused);
    step = exchange->next(response);
  }
  if (const auto* malformed = std::get_if<sasl::Malformed>(&step)) {
    environment_.metrics.logins.count(auth.mechanism, LoginResult::error);
    co_return Reply(501, "5.5.2 " + malformed->reason);
  }
  const auto& credentials = std::get<sasl::Credentials>(step);
  co_return judge(co_await environment_.authenticator.authenticate(credentials, client_), credentials, auth.mechanism);
}

/// The client's answer to a challenge, decoded, or the reply that ends the exchange.
Task<std::optional<Reply>> Session::readResponse(std::string challenge, std::string& response) {
  say(Reply(334, base64::encode(challenge)));
  co_await flush(kWriteTimeout);
  std::optional<std::string> line;
  bool tooLong = false;
  try {
    line = co_await stream_.readLine(smtp::kMaxAuthLine, patience());
  } catch (const net::LineTooLong&) {
    tooLong = true;
  }
  if (tooLong) {
    if (!co_await stream_.skipLine(1024 * 1024, patience())) throw net::ConnectionLost("a line without end");
    co_return Reply(500, "5.5.6 Authentication exchange line is too long");
  }
  if (!line) throw net::ConnectionLost("the client left during AUTH");
  if (*line == "*") co_return Reply(501, "5.7.0 Authentication cancelled");
  auto decoded = base64::decode(*line);
  if (!decoded) co_return Reply(501, "5.5.2 Not base 64");
  response = *std::move(decoded);
  co_return std::nullopt;
}

Reply Session::judge(const Authentication& authentication, const sasl::Credentials& credentials,
                     const std::string& mechanism) {
  const auto refused = [&](LoginResult result, int code, std::string_view text) {
    environment_.metrics.logins.count(mechanism, result);
    log_.info("auth.failed", text, {{"user", credentials.authenticationIdentity}, {"mechanism", mechanism}});
    return Reply(code, text);
  };
  switch (authentication.result) {
    case Authentication::Result::ok:
      environment_.metrics.logins.count(mechanism, LoginResult::ok);
      client_.identity = authentication.identity;
      return Reply(235, "2.7.0 Authentication succeeded");
    case Authentication::Result::badCredentials:
      return refused(LoginResult::badPassword, 535, "5.7.8 Authentication credentials invalid");
    case Authentication::Result::disabled:
      return refused(LoginResult::disabled, 535, "5.7.13 Account disabled");
    case Authentication::Result::notAuthorized:
      return refused(LoginResult::notAuthorized, 535, "5.7.8 Not authorized to act as somebody else");
    case Authentication::Result::unavailable:
      break;
  }
  return refused(LoginResult::error, 454, "4.7.0 Temporary authentication failure");
}

}  // namespace posthouse::smtpd
