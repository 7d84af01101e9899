#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "net/address.h"

namespace posthouse::test {

/// A name server on a free UDP port of the loopback address, with a thread of its own. Tell it everything before
/// start().
class DnsServer {
 public:
  DnsServer() = default;
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  ~DnsServer();

  void a(const std::string& name, const std::string& address);
  void aaaa(const std::string& name, const std::string& address);
  void mx(const std::string& name, std::uint16_t preference, const std::string& exchange);
  void txt(const std::string& name, const std::string& text);
  void ptr(const std::string& reverseName, const std::string& name);
  /// RCODE 2 for every question about the name.
  void fail(const std::string& name) { rcodes_[name] = 2; }
  /// No answer at all.
  void ignore(const std::string& name) { rcodes_[name] = kSilent; }

  void start();
  net::Address address() const { return {"127.0.0.1", port_, ""}; }

 private:
  static constexpr int kSilent = -1;
  void serve();
  std::string answer(const std::string& question) const;

  std::map<std::pair<std::string, int>, std::vector<std::string>> records_;  // rdata by name and type
  std::map<std::string, int> rcodes_;
  int socket_ = -1;
  int stop_[2] = {-1, -1};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

}  // namespace posthouse::test
