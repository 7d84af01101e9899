#pragma once
#include <chrono>
#include <memory>
#include <stop_token>

#include "login/authenticator.h"
#include "net/loop.h"

namespace grpc {
class Channel;
}

namespace mail::v1 {
class AuthenticateRequest;
class AuthenticateResponse;
}  // namespace mail::v1

namespace posthouse::login {

/// Asks accountd (mail.v1.Accounts).
class AccountdAuthenticator final : public Authenticator {
 public:
  static constexpr const char* kServiceName = "mail.v1.Accounts";  // of the channel

  /// `deadline`: of accountd's part in an answer; a password hash takes its time, and so does a queue of them.
  /// `protocol`: as in Connection; a mechanism that is not for it is not announced.
  AccountdAuthenticator(net::Loop& loop, std::shared_ptr<grpc::Channel> accountd, std::chrono::milliseconds deadline,
                        std::string protocol);
  ~AccountdAuthenticator() override;

  /// PLAIN and LOGIN until accountd has told what there is.
  std::vector<std::string> mechanisms(const ConnectionTraits& connection) const override;
  Task<Outcome> checkPassword(std::string name, std::string password, Connection connection) override;
  Task<Outcome> checkApop(std::string name, std::string timestamp, std::string digest, Connection connection) override;
  Task<TicketAnswer> checkTicket(std::string request, Connection connection) override;
  Task<std::optional<Outcome>> exchange(std::string mechanism, std::optional<std::string> initialResponse,
                                        Connection connection, Dialogue& dialogue) override;

  /// Keeps knowing what mechanisms there are for the protocol's clients, until the stop.
  Task<> watchMechanisms(std::stop_token stop);

 private:
  struct Stub;
  struct Mechanism {
    std::string name;
    bool needsTls = false;
    bool needsClientCertificate = false;
  };
  struct Tried;

  Task<bool> learnMechanisms();
  Task<Outcome> authenticate(mail::v1::AuthenticateRequest request, std::string name, Connection connection);
  Task<Outcome> authenticate(mail::v1::AuthenticateRequest request, std::string name, Connection connection,
                             mail::v1::AuthenticateResponse& response);
  Task<Tried> attempt(const std::string& mechanism, const std::optional<std::string>& initialResponse,
                      const Connection& connection, Dialogue& dialogue);

  net::Loop& loop_;
  std::unique_ptr<Stub> stub_;
  std::chrono::milliseconds deadline_;
  const std::string protocol_;
  std::vector<Mechanism> mechanisms_{{"PLAIN"}, {"LOGIN"}};
};

}  // namespace posthouse::login
