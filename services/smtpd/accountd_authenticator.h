#pragma once
#include <grpcpp/channel.h>

#include <memory>

#include "authenticator.h"
#include "mail/v1/account.grpc.pb.h"
#include "net/loop.h"

namespace posthouse::smtpd {

/// accountd, over gRPC.
class AccountdAuthenticator final : public Authenticator {
 public:
  AccountdAuthenticator(net::Loop& loop, const std::shared_ptr<grpc::Channel>& channel)
      : loop_(loop), stub_(mail::v1::Accounts::NewStub(channel)) {}

  Task<Authentication> authenticate(const sasl::Credentials& credentials, const Client& client) override;

 private:
  net::Loop& loop_;
  std::unique_ptr<mail::v1::Accounts::Stub> stub_;
};

}  // namespace posthouse::smtpd
