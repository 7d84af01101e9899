#pragma once
#include <grpcpp/channel.h>

#include <memory>
#include <string>
#include <vector>

#include "filter.h"
#include "mail/v1/filter.grpc.pb.h"
#include "net/loop.h"
#include "observe/log.h"

namespace posthouse::smtpd {

/// filterd, over gRPC.
class FilterdClient final : public Filter {
 public:
  static constexpr const char* kServiceName = "mail.v1.Filter";  // of the channel

  FilterdClient(net::Loop& loop, const std::shared_ptr<grpc::Channel>& channel, std::chrono::milliseconds deadline,
                const observe::Log& log)
      : loop_(loop), stub_(mail::v1::Filter::NewStub(channel)), deadline_(deadline), log_(log) {}

  Task<Verdict> check(const Client& client, const Transaction& transaction, std::string_view content) override;

 private:
  net::Loop& loop_;
  std::unique_ptr<mail::v1::Filter::Stub> stub_;
  std::chrono::milliseconds deadline_;
  const observe::Log& log_;
  std::vector<std::string> removeHeaderFields_;  // as filterd said last: they go when it is away as well
};

}  // namespace posthouse::smtpd
