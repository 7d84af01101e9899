#include "rpc/call_metrics.h"

#include <google/protobuf/descriptor.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "observe/buckets.h"

namespace posthouse::rpc {

namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::InterceptorBatchMethods;

constexpr const char* kCodes[] = {
    "OK",       "Canceled",       "Unknown",          "InvalidArgument",   "DeadlineExceeded",
    "NotFound", "AlreadyExists",  "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
    "Aborted",  "OutOfRange",     "Unimplemented",    "Internal",          "Unavailable",
    "DataLoss", "Unauthenticated"};

/// The families of one side. Methods come from the .proto files, so they are few.
class Families {
 public:
  Families(prometheus::Registry& registry, const std::string& side)
      : handled_(prometheus::BuildCounter()
                     .Name("grpc_" + side + "_handled_total")
                     .Help("gRPC calls that have ended, by their status.")
                     .Register(registry)),
        seconds_(prometheus::BuildHistogram()
                     .Name("grpc_" + side + "_handling_seconds")
                     .Help("From the beginning of a gRPC call to its status.")
                     .Register(registry)) {}

  /// Makes every series of a service's methods: one that is absent until its first failure never sets off an alert.
  /// Before the first call.
  void prepare(const std::string& service) {
    const auto* described = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
    for (int i = 0; described != nullptr && i < described->method_count(); ++i) {
      const prometheus::Labels labels{{"grpc_service", service}, {"grpc_method", described->method(i)->name()}};
      Method& method = methods_["/" + service + "/" + described->method(i)->name()];
      method.seconds = &seconds_.Add(labels, observe::fastBuckets());
      for (std::size_t code = 0; code < std::size(kCodes); ++code)
        method.handled.at(code) = &handled_.Add(with(labels, kCodes[code]));
    }
  }

  /// `name`: "/mail.v1.Accounts/Resolve".
  void count(std::string_view name, const grpc::Status& status, std::chrono::steady_clock::duration time) {
    const double seconds = std::chrono::duration<double>(time).count();
    const auto method = methods_.find(name);
    const auto code = static_cast<std::size_t>(status.error_code());
    if (method != methods_.end() && code < std::size(kCodes)) {
      method->second.seconds->Observe(seconds);
      method->second.handled.at(code)->Increment();
      return;
    }
    name.remove_prefix(name.starts_with('/') ? 1 : 0);
    const std::size_t slash = std::min(name.find('/'), name.size());
    const prometheus::Labels labels{{"grpc_service", std::string(name.substr(0, slash))},
                                    {"grpc_method", std::string(name.substr(std::min(slash + 1, name.size())))}};
    seconds_.Add(labels, observe::fastBuckets()).Observe(seconds);
    handled_.Add(with(labels, code < std::size(kCodes) ? kCodes[code] : "Unknown")).Increment();
  }

 private:
  struct Method {
    prometheus::Histogram* seconds = nullptr;
    std::array<prometheus::Counter*, std::size(kCodes)> handled{};
  };

  static prometheus::Labels with(prometheus::Labels labels, const char* code) {
    labels.emplace("grpc_code", code);
    return labels;
  }

  prometheus::Family<prometheus::Counter>& handled_;
  prometheus::Family<prometheus::Histogram>& seconds_;
  std::map<std::string, Method, std::less<>> methods_;  // that were prepared: to look for a series takes longer
};

/// Lives as long as one call.
class Interceptor final : public grpc::experimental::Interceptor {
 public:
  Interceptor(Families& families, const char* method) : families_(families), method_(method) {}

  void Intercept(InterceptorBatchMethods* methods) override {
    const auto elapsed = [this] { return std::chrono::steady_clock::now() - began_; };
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_STATUS)) {
      families_.count(method_, *methods->GetRecvStatus(), elapsed());
    }
    if (methods->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      const grpc::Status status = methods->GetSendStatus();
      // The caller's text names what is not there: each invention of his would be a series for ever.
      const bool isUnknown = status.error_code() == grpc::StatusCode::UNIMPLEMENTED;
      families_.count(isUnknown ? "unknown/unknown" : method_, status, elapsed());
    }
    methods->Proceed();
  }

 private:
  Families& families_;
  const char* method_;  // of the generated code, or of the call
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

class ClientFactory final : public grpc::experimental::ClientInterceptorFactoryInterface {
 public:
  ClientFactory(prometheus::Registry& registry, const std::string& service) : families_(registry, "client") {
    families_.prepare(service);
  }
  grpc::experimental::Interceptor* CreateClientInterceptor(grpc::experimental::ClientRpcInfo* info) override {
    return new Interceptor(families_, info->method());
  }

 private:
  Families families_;
};

class ServerFactory final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  ServerFactory(prometheus::Registry& registry, std::span<const std::string> services) : families_(registry, "server") {
    for (const std::string& service : services) families_.prepare(service);
  }
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* info) override {
    return new Interceptor(families_, info->method());
  }

 private:
  Families families_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface> measureCalls(prometheus::Registry& registry,
                                                                                    const std::string& service) {
  return std::make_unique<ClientFactory>(registry, service);
}

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> measureAnswers(
    prometheus::Registry& registry, std::span<const std::string> services) {
  return std::make_unique<ServerFactory>(registry, services);
}

}  // namespace posthouse::rpc
