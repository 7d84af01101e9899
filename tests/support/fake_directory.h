#pragma once
#include <algorithm>
#include <functional>
#include <map>
#include <string>

#include "directory/directory.h"

namespace posthouse::test {

/// A directory that knows whom the test added, in the domains of those; other domains are not local.
class FakeDirectory final : public directory::Directory {
 public:
  std::map<std::string, directory::Resolution> known;
  std::map<std::string, directory::Resolution> changed;  // what is said once the old answer has been forgotten
  bool away = false;
  int asked = 0;
  std::function<void()> meanwhile;  // what happens while somebody is resolved

  void add(const std::string& address, std::int64_t id) {
    known[address] = {
        .result = directory::Resolution::Result::found, .accounts = {{id, address}}, .remoteAddresses = {}};
  }

  void forget(const std::string& address) override {
    if (const auto now = changed.find(address); now != changed.end()) known[address] = now->second;
  }

  /// An account may send as what leads to it.
  Task<bool> maySendAs(std::int64_t account, std::string address) override {
    ++asked;
    if (away) throw directory::Unavailable("away");
    const auto found = known.find(address);
    if (found == known.end()) co_return false;
    co_return std::ranges::any_of(found->second.accounts, [&](const auto& one) { return one.id == account; });
  }

  Task<directory::Resolution> resolve(std::string address) override {
    ++asked;
    if (meanwhile) meanwhile();
    if (away) throw directory::Unavailable("away");
    if (const auto found = known.find(address); found != known.end()) co_return found->second;
    const std::string domain = address.substr(address.find('@') + 1);
    for (const auto& [other, resolution] : known) {
      if (other.ends_with("@" + domain))
        co_return directory::Resolution{.result = directory::Resolution::Result::noSuchAddress};
    }
    co_return directory::Resolution{.result = directory::Resolution::Result::notLocal};
  }
};

}  // namespace posthouse::test
