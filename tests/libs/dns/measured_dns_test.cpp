#include "dns/measured_dns.h"

#include <catch2/catch.hpp>

#include "net/loop.h"
#include "support/fake_dns.h"

using namespace posthouse;
using namespace std::chrono_literals;

TEST_CASE("questions are counted by type and result", "[dns]") {
  net::Loop loop;
  prometheus::Registry registry;
  test::FakeDns source;
  source.addresses["mx.x.example"] = test::FakeDns::found<std::string>({"192.0.2.1"});
  dns::MeasuredDns measured(source, registry);
  CHECK(loop.runUntilDone(measured.a("mx.x.example", 1s)).records.front() == "192.0.2.1");
  CHECK(loop.runUntilDone(measured.a("mx.x.example", 1s)).status == dns::Status::ok);
  CHECK(loop.runUntilDone(measured.mx("x.example", 1s)).status == dns::Status::nxdomain);
  const auto families = registry.Collect();
  REQUIRE(families.size() == 1);
  CHECK(families.front().name == "posthouse_dns_lookup_duration_seconds");
  std::uint64_t questions = 0;
  for (const auto& metric : families.front().metric) questions += metric.histogram.sample_count;
  CHECK(questions == 3);
}
