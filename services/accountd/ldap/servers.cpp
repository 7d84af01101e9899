#include "ldap/servers.h"

#include <algorithm>

namespace posthouse::accountd::ldap {

std::vector<std::string> Servers::candidates() {
  const std::lock_guard lock(mutex_);
  const auto now = clock_();
  std::vector<std::string> ready;
  for (const std::string& url : urls_) {
    const auto rest = resting_.find(url);
    if (rest == resting_.end() || rest->second.until <= now) ready.push_back(url);
  }
  return ready;
}

void Servers::failed(const std::string& url, const std::string& why) {
  const std::lock_guard lock(mutex_);
  const auto now = clock_();
  trouble_ = why;
  Rest& rest = resting_[url];
  if (rest.until > now) return;  // another connection has told already
  rest.length = std::clamp(rest.length * 2, kFirstRest, kLongestRest);
  rest.until = now + rest.length;
  log_.warn("ldap.failed", "A server of an external directory failed", {{"server", url}, {"error", why}});
}

void Servers::works(const std::string& url) {
  const std::lock_guard lock(mutex_);
  if (resting_.erase(url) > 0)
    log_.info("ldap.works", "A server of an external directory works again", {{"server", url}});
}

std::string Servers::trouble() {
  const std::lock_guard lock(mutex_);
  return trouble_;
}

}  // namespace posthouse::accountd::ldap
