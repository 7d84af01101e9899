#pragma once
#include <map>
#include <string>

#include "dns/dns.h"

namespace posthouse::test {

/// A DNS that knows what the test told it, and answers nxdomain to the rest. Names in lower case, without a final dot.
class FakeDns final : public dns::Dns {
 public:
  std::map<std::string, dns::Answer<std::string>> addresses;   // A
  std::map<std::string, dns::Answer<std::string>> addresses6;  // AAAA
  std::map<std::string, dns::Answer<dns::Mx>> exchanges;
  std::map<std::string, dns::Answer<std::string>> texts;
  std::map<std::string, dns::Answer<std::string>> names;  // PTR, by address

  template <class Record>
  static dns::Answer<Record> found(std::vector<Record> records) {
    return {.status = dns::Status::ok, .records = std::move(records), .ttl = std::chrono::seconds(60)};
  }

  Task<dns::Answer<std::string>> a(std::string name, net::Patience) override { return at(addresses, name); }
  Task<dns::Answer<std::string>> aaaa(std::string name, net::Patience) override { return at(addresses6, name); }
  Task<dns::Answer<dns::Mx>> mx(std::string name, net::Patience) override { return at(exchanges, name); }
  Task<dns::Answer<std::string>> txt(std::string name, net::Patience) override { return at(texts, name); }
  Task<dns::Answer<std::string>> ptr(std::string address, net::Patience) override { return at(names, address); }

 private:
  template <class Record>
  static Task<dns::Answer<Record>> at(const std::map<std::string, dns::Answer<Record>>& answers, std::string name) {
    const auto found = answers.find(name);
    if (found == answers.end()) co_return dns::Answer<Record>{.status = dns::Status::nxdomain};
    co_return found->second;
  }
};

}  // namespace posthouse::test
