#include "dns/resolver.h"

#include <sys/resource.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>

#include "net/loop.h"
#include "support/dns_server.h"

using namespace posthouse;
using dns::Mx;
using dns::Status;
using namespace std::chrono_literals;

namespace {

struct Network {
  net::Loop loop;
  test::DnsServer server;
  std::optional<dns::Resolver> resolver;

  void start() {
    server.start();
    resolver.emplace(loop, dns::ResolverOptions{.servers = {server.address()}, .trustAnchorFile = {}});
  }
};

}  // namespace

TEST_CASE("the resolver reads every type of record", "[dns]") {
  Network net;
  net.server.a("mail.x.test", "192.0.2.7");
  net.server.a("mail.x.test", "192.0.2.8");
  net.server.aaaa("mail.x.test", "2001:db8::7");
  net.server.mx("x.test", 10, "mail.x.test");
  net.server.txt("x.test", "v=spf1 -all");
  net.server.ptr("7.2.0.192.in-addr.arpa", "mail.x.test");
  net.server.mx("null.example", 0, "");
  net.start();

  auto a = net.loop.runUntilDone(net.resolver->a("MAIL.x.test.", 10s));
  CHECK(a.status == Status::ok);
  std::ranges::sort(a.records);
  CHECK(a.records == std::vector<std::string>{"192.0.2.7", "192.0.2.8"});
  CHECK(a.ttl == 60s);
  CHECK_FALSE(a.isSecure);
  CHECK(net.loop.runUntilDone(net.resolver->aaaa("mail.x.test", 10s)).records ==
        std::vector<std::string>{"2001:db8::7"});
  CHECK(net.loop.runUntilDone(net.resolver->mx("x.test", 10s)).records == std::vector<Mx>{{10, "mail.x.test"}});
  CHECK(net.loop.runUntilDone(net.resolver->mx("null.example", 10s)).records == std::vector<Mx>{{0, ""}});
  CHECK(net.loop.runUntilDone(net.resolver->txt("x.test", 10s)).records == std::vector<std::string>{"v=spf1 -all"});
  CHECK(net.loop.runUntilDone(net.resolver->ptr("192.0.2.7", 10s)).records == std::vector<std::string>{"mail.x.test"});
}

TEST_CASE("what is not there is told from what cannot be asked", "[dns]") {
  Network net;
  net.server.a("mail.x.test", "192.0.2.7");
  net.server.fail("broken.test");
  net.server.ignore("silent.test");
  net.start();
  CHECK(net.loop.runUntilDone(net.resolver->a("unknown.test", 10s)).status == Status::nxdomain);
  CHECK(net.loop.runUntilDone(net.resolver->mx("mail.x.test", 10s)).status == Status::nodata);
  CHECK(net.loop.runUntilDone(net.resolver->a("not..a..name", 10s)).status == Status::nxdomain);
  CHECK(net.loop.runUntilDone(net.resolver->ptr("not an address", 10s)).status == Status::nxdomain);
  CHECK(net.loop.runUntilDone(net.resolver->a("broken.test", 10s)).status == Status::servfail);
  CHECK(net.loop.runUntilDone(net.resolver->a("silent.test", 1ms)).status == Status::timeout);
}

TEST_CASE("where no descriptors are left the first question goes unanswered, and the program goes on", "[dns]") {
  Network net;
  net.server.a("mail.x.test", "192.0.2.7");
  net.server.a("mx.x.test", "192.0.2.8");
  net.start();
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
  rlimit none = before;
  none.rlim_cur = 3;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &none) == 0);
  const Status status = net.loop.runUntilDone(net.resolver->a("mail.x.test", 10s)).status;
  REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK_FALSE(dns::isDefinite(status));  // and is remembered for some seconds
  CHECK(net.loop.runUntilDone(net.resolver->a("mx.x.test", 10s)).status == Status::ok);
}

TEST_CASE("a shutdown ends the wait for an answer", "[dns]") {
  Network net;
  net.server.ignore("silent.test");
  net.start();
  std::stop_source stop;
  net.loop.post([&stop] { stop.request_stop(); });
  CHECK_THROWS_AS(net.loop.runUntilDone(net.resolver->a("silent.test", net::Patience(10s, stop.get_token()))),
                  net::Interrupted);
}

TEST_CASE("an unsigned answer under a trust anchor is bogus", "[dns]") {
  Network net;
  net.server.a("mail.signed.test", "192.0.2.7");
  net.server.start();
  std::string file = "/tmp/posthouse_anchor_XXXXXX";
  std::FILE* anchors = fdopen(mkstemp(file.data()), "w");
  std::fputs("signed.test. IN DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n",
             anchors);
  std::fclose(anchors);
  net.resolver.emplace(net.loop, dns::ResolverOptions{.servers = {net.server.address()}, .trustAnchorFile = file});
  CHECK(net.loop.runUntilDone(net.resolver->a("mail.signed.test", 30s)).status == Status::bogus);
  std::remove(file.c_str());
}

TEST_CASE("options that cannot be used stop the start", "[dns]") {
  net::Loop loop;
  CHECK_THROWS_WITH(dns::Resolver(loop, {.servers = {{"not an address", 53, ""}}, .trustAnchorFile = {}}),
                    Catch::Contains("not an address"));
}
