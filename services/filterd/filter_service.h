#pragma once
#include <chrono>

#include "config.h"
#include "engine.h"
#include "mail/v1/filter.grpc.pb.h"
#include "metrics.h"
#include "net/loop.h"
#include "observe/log.h"
#include "rpc/answer.h"

namespace posthouse::filterd {

/// mail.v1.Filter over the engine: collects what is streamed, within bounds, and translates the verdict.
class FilterService final : public mail::v1::Filter::CallbackService {
 public:
  /// All of it outlives the service.
  FilterService(net::Loop& loop, const Config& config, Engine& engine, Metrics& metrics, const observe::Log& log)
      : loop_(loop), config_(config), engine_(engine), metrics_(metrics), log_(log) {}

  grpc::ServerReadReactor<mail::v1::CheckRequest>* Check(grpc::CallbackServerContext* context,
                                                         mail::v1::CheckResponse* response) override;

 private:
  using Upload = rpc::Upload<mail::v1::CheckRequest>;
  class Content;

  Task<grpc::Status> check(Upload& upload, const grpc::CallbackServerContext& context,
                           mail::v1::CheckResponse& response);
  Task<grpc::Status> receive(Upload& upload, mail::v1::Envelope& envelope, Content& content);
  std::chrono::milliseconds scannerTime(const grpc::CallbackServerContext& context) const;
  void report(const mail::v1::Envelope& envelope, const Verdict& verdict, std::size_t octets, double seconds);

  net::Loop& loop_;
  const Config& config_;
  Engine& engine_;
  Metrics& metrics_;
  const observe::Log& log_;
  std::size_t held_ = 0;  // octets of all messages that are judged now
};

}  // namespace posthouse::filterd
