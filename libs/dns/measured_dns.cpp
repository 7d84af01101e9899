#include "dns/measured_dns.h"

namespace posthouse::dns {
namespace {

const char* nameOf(Status status) {
  switch (status) {
    case Status::ok:
      return "ok";
    case Status::nxdomain:
      return "nxdomain";
    case Status::nodata:
      return "nodata";
    case Status::servfail:
      return "servfail";
    case Status::timeout:
      return "timeout";
    case Status::bogus:
      return "bogus";
  }
  return "servfail";
}

}  // namespace

MeasuredDns::MeasuredDns(Dns& source, prometheus::Registry& registry)
    : source_(source),
      durations_(prometheus::BuildHistogram()
                     .Name("posthouse_dns_lookup_duration_seconds")
                     .Help("Time of questions to the DNS.")
                     .Register(registry)) {
  // So that every series is there before it is needed.
  using enum Status;
  for (const char* type : {"a", "aaaa", "mx", "txt", "ptr"}) {
    for (const Status status : {ok, nxdomain, nodata, servfail, timeout, bogus}) ofType(type, status);
  }
}

prometheus::Histogram& MeasuredDns::ofType(const char* type, Status status) {
  static const prometheus::Histogram::BucketBoundaries kBuckets{0.001, 0.005, 0.010, 0.025, 0.050, 0.100,
                                                                0.250, 0.500, 1,     2.5,   5,     10};
  return durations_.Add({{"type", type}, {"result", nameOf(status)}}, kBuckets);
}

template <class Record>
Task<Answer<Record>> MeasuredDns::measure(const char* type, Task<Answer<Record>> question) {
  const auto begin = std::chrono::steady_clock::now();
  Answer<Record> answer = co_await std::move(question);
  ofType(type, answer.status).Observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  co_return answer;
}

Task<Answer<std::string>> MeasuredDns::a(std::string name, net::Patience patience) {
  return measure("a", source_.a(std::move(name), std::move(patience)));
}
Task<Answer<std::string>> MeasuredDns::aaaa(std::string name, net::Patience patience) {
  return measure("aaaa", source_.aaaa(std::move(name), std::move(patience)));
}
Task<Answer<Mx>> MeasuredDns::mx(std::string name, net::Patience patience) {
  return measure("mx", source_.mx(std::move(name), std::move(patience)));
}
Task<Answer<std::string>> MeasuredDns::txt(std::string name, net::Patience patience) {
  return measure("txt", source_.txt(std::move(name), std::move(patience)));
}
Task<Answer<std::string>> MeasuredDns::ptr(std::string address, net::Patience patience) {
  return measure("ptr", source_.ptr(std::move(address), std::move(patience)));
}

}  // namespace posthouse::dns
