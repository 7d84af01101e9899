#include "dns/mail_hosts.h"

#include <catch2/catch.hpp>
#include <set>

#include "net/loop.h"
#include "support/fake_dns.h"

using namespace posthouse;
using dns::Mx;
using dns::NoMailHost;
using test::FakeDns;
using namespace std::chrono_literals;

namespace {

struct Lookup {
  FakeDns dns;
  std::mt19937 random{7};
  net::Loop loop;

  std::expected<std::vector<std::string>, NoMailHost> of(std::string domain) {
    return loop.runUntilDone(dns::mailHosts(dns, std::move(domain), "mx.example.org", random, 5s));
  }
};

using Hosts = std::vector<std::string>;

}  // namespace

TEST_CASE("the lowest preference comes first", "[dns]") {
  Lookup lookup;
  lookup.dns.exchanges["x.example"] =
      FakeDns::found<Mx>({{20, "backup.x.example"}, {10, "mail.x.example"}, {30, "last.x.example"}});
  CHECK(lookup.of("X.example").value() == Hosts{"mail.x.example", "backup.x.example", "last.x.example"});
}

TEST_CASE("equal preferences share the load", "[dns]") {
  Lookup lookup;
  lookup.dns.exchanges["x.example"] = FakeDns::found<Mx>({{10, "a"}, {10, "b"}, {20, "c"}});
  std::set<std::string> first;
  for (int i = 0; i < 50; ++i) {
    const Hosts hosts = lookup.of("x.example").value();
    first.insert(hosts.front());
    CHECK(hosts.back() == "c");
  }
  CHECK(first == std::set<std::string>{"a", "b"});
}

TEST_CASE("a domain without MX is its own host", "[dns]") {
  Lookup lookup;
  lookup.dns.exchanges["x.example"] = {.status = dns::Status::nodata};
  CHECK(lookup.of("x.example").value() == Hosts{"x.example"});
  CHECK(lookup.of("[192.0.2.1]").value() == Hosts{"192.0.2.1"});
  CHECK(lookup.of("[IPv6:2001:db8::1]").value() == Hosts{"2001:db8::1"});
}

TEST_CASE("what is no better than ourselves is left out", "[dns]") {
  Lookup lookup;
  lookup.dns.exchanges["x.example"] =
      FakeDns::found<Mx>({{10, "mail.x.example"}, {20, "MX.example.org"}, {20, "y"}, {30, "z"}});
  CHECK(lookup.of("x.example").value() == Hosts{"mail.x.example"});
  lookup.dns.exchanges["x.example"] = FakeDns::found<Mx>({{10, "mx.example.org"}, {20, "other"}});
  CHECK(lookup.of("x.example").error() == NoMailHost::loops);
}

TEST_CASE("no host, and why", "[dns]") {
  Lookup lookup;
  lookup.dns.exchanges["null.example"] = FakeDns::found<Mx>({{0, ""}});  // RFC 7505
  lookup.dns.exchanges["broken.example"] = {.status = dns::Status::servfail};
  lookup.dns.exchanges["slow.example"] = {.status = dns::Status::timeout};
  lookup.dns.exchanges["forged.example"] = {.status = dns::Status::bogus};
  CHECK(lookup.of("null.example").error() == NoMailHost::takesNoMail);
  CHECK(lookup.of("unknown.example").error() == NoMailHost::noSuchDomain);
  CHECK(lookup.of("").error() == NoMailHost::noSuchDomain);
  CHECK(lookup.of("broken.example").error() == NoMailHost::notNow);
  CHECK(lookup.of("slow.example").error() == NoMailHost::notNow);
  CHECK(lookup.of("forged.example").error() == NoMailHost::notNow);
}
