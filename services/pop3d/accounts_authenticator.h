#pragma once
#include <chrono>
#include <memory>

#include "authenticator.h"
#include "net/loop.h"

namespace grpc {
class Channel;
}

namespace posthouse::pop3d {

/// Asks accountd (mail.v1.Accounts.Authenticate).
class AccountsAuthenticator final : public Authenticator {
 public:
  static constexpr const char* kServiceName = "mail.v1.Accounts";  // of the channel

  AccountsAuthenticator(net::Loop& loop, std::shared_ptr<grpc::Channel> accountd, std::chrono::milliseconds deadline);
  ~AccountsAuthenticator() override;

  Task<std::expected<Account, Denial>> authenticate(sasl::Credentials credentials, Client client) override;

 private:
  struct Stub;
  net::Loop& loop_;
  std::unique_ptr<Stub> stub_;
  std::chrono::milliseconds deadline_;
};

}  // namespace posthouse::pop3d
