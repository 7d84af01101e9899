// AUTH, RFC 4954 §4.
#include "base/base64.h"
#include "login/response.h"
#include "session.h"
#include "smtp/parser.h"

namespace posthouse::smtpd {

using smtp::Reply;
using LoginResult = daemon::LoginMetrics::Result;

/// Challenges as replies 334, responses as lines.
class Session::AuthDialogue final : public login::Dialogue {
 public:
  explicit AuthDialogue(Session& session) : session_(session) {}

  Task<std::optional<std::string>> ask(std::string challenge) override {
    session_.say(Reply(334, base64::encode(challenge)));
    co_await session_.flush(kWriteTimeout);
    net::LineStream& stream = session_.stream_;
    std::optional<std::string> line;
    bool tooLong = false;
    try {
      line = co_await stream.readLine(smtp::kMaxAuthLine, session_.patience());
    } catch (const net::LineTooLong&) {
      tooLong = true;
    }
    if (tooLong) {
      if (!co_await stream.skipLine(1024 * 1024, session_.patience())) throw net::ConnectionLost("a line without end");
      co_return end(500, "5.5.6 Authentication exchange line is too long");
    }
    if (!line) throw net::ConnectionLost("the client left during AUTH");
    if (*line == "*") co_return end(501, "5.7.0 Authentication cancelled");
    auto response = login::readResponse(*line);
    if (!response) co_return end(501, "5.5.2 Not base 64");
    co_return response;
  }

  /// What the client is told if there was no response.
  Reply refusal() && { return std::move(*refusal_); }

 private:
  std::nullopt_t end(int code, std::string_view text) {
    refusal_ = Reply(code, text);
    return std::nullopt;
  }

  Session& session_;
  std::optional<Reply> refusal_;
};

Task<Reply> Session::on(const smtp::Auth& auth) {
  if (listener_.service != Service::submission) co_return Reply(502, "5.5.1 Nobody logs in here");
  if (!isProtected()) co_return Reply(538, "5.7.11 Encryption required: STARTTLS comes first");
  if (client_.greeting.empty()) co_return Reply(503, "5.5.1 EHLO comes first");
  if (client_.identity) co_return Reply(503, "5.5.1 Logged in already");
  if (transaction_) co_return Reply(503, "5.5.1 Not during a mail transaction");
  AuthDialogue dialogue(*this);
  auto outcome = co_await environment_.authenticator.exchange(
      auth.mechanism, auth.initialResponse,
      login::bindableConnectionOf("submission", stream_.bytes(), client_.sessionId), dialogue);
  if (!outcome) co_return std::move(dialogue).refusal();
  co_return judge(*outcome, auth.mechanism);
}

Reply Session::judge(const login::Outcome& outcome, const std::string& mechanism) {
  daemon::LoginMetrics& logins = environment_.metrics.logins;
  if (outcome) {
    logins.count(mechanism, LoginResult::ok);
    client_.identity = *outcome;
    open_.emplace(environment_.openSessions, *outcome,
                  login::OpenSession::Client{client_.sessionId, client_.address.host}, mechanism,
                  !client_.tlsVersion.empty());
    return Reply(235, "2.7.0 Authentication succeeded");
  }
  const auto refused = [&](LoginResult result, int code, std::string_view text) {
    logins.count(mechanism, result);
    log_.info("auth.failed", text, {{"user", outcome.error().name}, {"mechanism", mechanism}});
    return Reply(code, text);
  };
  switch (outcome.error().failure) {
    case login::Failure::badCredentials:
      return refused(
          LoginResult::badPassword, 535,
          "5.7.8 " + (outcome.error().text.empty() ? "Authentication credentials invalid" : outcome.error().text));
    case login::Failure::disabled:
      return refused(LoginResult::disabled, 535, "5.7.13 Account disabled");
    case login::Failure::notAuthorized:
      return refused(LoginResult::notAuthorized, 535, "5.7.8 Not authorized to act as somebody else");
    case login::Failure::needsAppPassword:  // RFC 4954 §6
      return refused(LoginResult::needsAppPassword, 534, "5.7.9 This account logs in by app password here");
    case login::Failure::noSuchMechanism:
      return Reply(504, "5.5.4 Mechanism not supported");
    case login::Failure::malformed:
      return refused(LoginResult::error, 501, "5.5.2 " + outcome.error().text);
    case login::Failure::needsCode:
    case login::Failure::throttled:
      return refused(LoginResult::rateLimited, 454, "4.7.0 Too many failed logins, try again later");
    case login::Failure::unavailable:
      break;
  }
  return refused(LoginResult::error, 454, "4.7.0 Temporary authentication failure");
}

}  // namespace posthouse::smtpd
