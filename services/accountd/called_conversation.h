#pragma once
#include <optional>
#include <string>
#include <utility>

#include "defence/guard.h"
#include "logins/conversation.h"
#include "mail/v1/account.grpc.pb.h"
#include "rpc/answer.h"

namespace posthouse::accountd {

/// The client at the other end of a call of Exchange.
class CalledConversation final : public Conversation {
 public:
  CalledConversation(rpc::Exchange<mail::v1::ExchangeRequest, mail::v1::ExchangeResponse>& call, Guard::Visit& visit)
      : call_(call), visit_(visit) {}

  Task<> claims(std::string name, std::optional<std::string> secret) override {
    claimed_ = name;
    co_await visit_.claims(std::move(name), std::move(secret));
  }
  const std::string& claimed() const noexcept { return claimed_; }

  Task<std::string> ask(std::string challenge) override {
    mail::v1::ExchangeResponse response;
    response.set_challenge(std::move(challenge));
    if (!co_await call_.write(response)) throw ConversationEnded();
    std::optional<mail::v1::ExchangeRequest> request = co_await call_.next();
    if (!request || !request->has_response()) throw ConversationEnded();
    co_return std::move(*request->mutable_response());
  }

 private:
  rpc::Exchange<mail::v1::ExchangeRequest, mail::v1::ExchangeResponse>& call_;
  Guard::Visit& visit_;
  std::string claimed_;
};

}  // namespace posthouse::accountd
