#pragma once
#include <chrono>
#include <memory>

#include "directory/directory.h"
#include "net/loop.h"

namespace grpc {
class Channel;
}

namespace posthouse::directory {

/// Asks accountd (mail.v1.Accounts).
class AccountdDirectory final : public Directory {
 public:
  static constexpr const char* kServiceName = "mail.v1.Accounts";  // of the channel

  AccountdDirectory(net::Loop& loop, std::shared_ptr<grpc::Channel> channel,
                    std::chrono::milliseconds deadline = std::chrono::seconds(5))
      : loop_(loop), channel_(std::move(channel)), deadline_(deadline) {}

  Task<Resolution> resolve(std::string address) override;
  Task<bool> maySendAs(std::int64_t account, std::string address) override;

 private:
  net::Loop& loop_;
  std::shared_ptr<grpc::Channel> channel_;
  std::chrono::milliseconds deadline_;
};

}  // namespace posthouse::directory
