#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "logins/certificate_holders.h"

namespace posthouse::test {

/// Alice has a mailbox, and so has somebody whose account is off.
struct FakeHolders final : accountd::CertificateHolders {
  std::map<std::string, accountd::CertificateHolder> known{{"alice@mail.test", {1, "alice@mail.test"}},
                                                           {"off@mail.test", {2, "off@mail.test", false}}};

  Task<std::optional<accountd::CertificateHolder>> registered(std::string) override { co_return std::nullopt; }
  Task<std::vector<accountd::CertificateHolder>> individuals(std::vector<std::string> addresses) override {
    std::vector<accountd::CertificateHolder> found;
    for (const std::string& address : addresses)
      if (const auto holder = known.find(address); holder != known.end()) found.push_back(holder->second);
    co_return found;
  }
};

}  // namespace posthouse::test
