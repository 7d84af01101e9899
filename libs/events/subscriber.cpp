#include "events/subscriber.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>

#include <chrono>

#include "mail/v1/events.grpc.pb.h"
#include "rpc/answer.h"

namespace posthouse::events {

class Subscriber::Service final : public mail::v1::Events::CallbackService {
 public:
  Service(net::Loop& loop, OnChange onChange, prometheus::Registry& registry)
      : loop_(loop),
        onChange_(std::move(onChange)),
        received_(prometheus::BuildCounter()
                      .Name("posthouse_events_received_total")
                      .Help("Changes of mailboxes told by other programs.")
                      .Register(registry)
                      .Add({{"kind", "mailbox"}})),
        delivery_(prometheus::BuildHistogram()
                      .Name("posthouse_event_delivery_seconds")
                      .Help("From the commit to the subscriber.")
                      .Register(registry)
                      .Add({{"kind", "mailbox"}},
                           prometheus::Histogram::BucketBoundaries{0.001, 0.005, 0.010, 0.025, 0.050, 0.100, 0.250,
                                                                   0.500, 1, 2.5, 5, 10})) {}

  grpc::ServerUnaryReactor* Publish(grpc::CallbackServerContext* context, const mail::v1::PublishRequest* request,
                                    mail::v1::PublishResponse*) override {
    return rpc::answer(loop_, context, [this, request] { return receive(*request); });
  }

 private:
  Task<grpc::Status> receive(const mail::v1::PublishRequest& request) {
    const auto now =
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    for (const auto& change : request.changes()) {
      received_.Increment();
      delivery_.Observe(static_cast<double>(std::max<std::int64_t>(0, now - change.committed_at_us())) / 1e6);
      onChange_({change.account_id(), change.mailbox_id(), change.modseq(), change.committed_at_us()});
    }
    co_return grpc::Status::OK;
  }

  net::Loop& loop_;
  OnChange onChange_;
  prometheus::Counter& received_;
  prometheus::Histogram& delivery_;
};

Subscriber::Subscriber(net::Loop& loop, OnChange onChange, prometheus::Registry& registry)
    : service_(std::make_unique<Service>(loop, std::move(onChange), registry)) {}
Subscriber::~Subscriber() = default;
grpc::Service& Subscriber::service() noexcept {
  return *service_;
}

}  // namespace posthouse::events
