#pragma once
#include <chrono>
#include <memory>

#include "authenticator.h"
#include "mail/v1/account.grpc.pb.h"
#include "net/loop.h"
#include "rpc/channel.h"

namespace posthouse::imapd {

/// Asks accountd.
class AccountLogins final : public Authenticator {
 public:
  AccountLogins(net::Loop& loop, const std::string& accountd, const rpc::Security& security,
                std::chrono::milliseconds deadline, prometheus::Registry& registry)
      : loop_(loop),
        stub_(mail::v1::Accounts::NewStub(
            rpc::channel(accountd, security, registry, mail::v1::Accounts::service_full_name()))),
        deadline_(deadline) {}

  Task<std::expected<Identity, LoginFailure>> authenticate(const sasl::Credentials& credentials,
                                                           const std::string& remoteAddress,
                                                           const std::string& sessionId) override;

 private:
  net::Loop& loop_;
  std::unique_ptr<mail::v1::Accounts::Stub> stub_;
  std::chrono::milliseconds deadline_;
};

}  // namespace posthouse::imapd
