// AUTH, RFC 5034 §4.
#include <fmt/format.h>

#include "login/response.h"
#include "session.h"

namespace posthouse::pop3d {

using pop3::Reply;

/// Challenges and responses as lines of base 64.
class Session::AuthDialogue final : public login::Dialogue {
 public:
  explicit AuthDialogue(Session& session) : session_(session) {}

  Task<std::optional<std::string>> ask(std::string challenge) override {
    session_.stream_.write(pop3::challengeLine(challenge));
    co_await session_.flush();
    const std::optional<std::string> line =
        co_await session_.stream_.readLine(session_.surroundings_.config.maxSaslLength, session_.readPatience());
    if (!line) throw net::ConnectionLost("the client hung up in AUTH");
    if (*line == "*") {
      refusal_ = Reply::error("Cancelled");
      co_return std::nullopt;
    }
    auto response = login::readResponse(*line);
    if (!response) refusal_ = Reply::error("That is not base 64");
    co_return response;
  }

  /// What the client is told if there was no response.
  Reply refusal() && { return std::move(*refusal_); }

 private:
  Session& session_;
  std::optional<Reply> refusal_;
};

Task<Answer> Session::on(const pop3::Auth& auth) {
  if (isKpop_) co_return Reply::error("No such mechanism");
  if (!mayLogIn()) co_return askForTls();
  std::optional<std::string> response;
  if (auth.initialResponse) {
    response = login::readResponse(*auth.initialResponse);
    if (!response) co_return Reply::error("That is not base 64");
  }
  AuthDialogue dialogue(*this);
  auto outcome = co_await surroundings_.authenticator.exchange(
      auth.mechanism, std::move(response), login::bindableConnectionOf("pop3", stream_.bytes(), id_), dialogue);
  if (!outcome) co_return std::move(dialogue).refusal();
  co_return co_await conclude(*std::move(outcome), auth.mechanism);
}

Task<Answer> Session::on(const pop3::ListMechanisms&) {
  if (isKpop_) co_return Reply::error("No such mechanism");
  if (!mayLogIn()) co_return askForTls();
  std::string mechanisms;
  for (const std::string& name : surroundings_.authenticator.mechanisms(login::traitsOf(stream_.bytes()))) {
    mechanisms += fmt::format("{}\r\n", name);
  }
  co_return Answer(Reply::ok("Mechanisms follow"), std::make_unique<ShortBody>(mechanisms + ".\r\n"));
}

}  // namespace posthouse::pop3d
