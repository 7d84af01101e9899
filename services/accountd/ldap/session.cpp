#include "ldap/session.h"

namespace posthouse::accountd::ldap {

using std::chrono::steady_clock;

void Session::connect(Deadline deadline) {
  const std::vector<std::string> candidates = servers_.candidates();
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    const auto now = steady_clock::now();
    if (now >= deadline) break;
    // One that is silent must leave time for the others.
    const bool isLast = i + 1 == candidates.size();
    try {
      connection_ = open(candidates[i], isLast ? deadline : now + (deadline - now) / 2);
      servers_.works(candidates[i]);
      return;
    } catch (const Failed& failed) {
      servers_.failed(candidates[i], failed.what());
    }
  }
  throw Lost(servers_.trouble());
}

std::unique_ptr<Connection> Session::open(const std::string& url, Deadline deadline) const {
  auto connection = std::make_unique<Connection>(settings_, url, deadline);
  const bool mayBind = identity_ == Identity::service && !settings_.bindDn.empty();
  if (mayBind && !connection->bind(settings_.bindDn, settings_.bindPassword, deadline))
    throw Failed(url + ": does not let bind_dn in; correct bind_dn and bind_password");
  return connection;
}

void Session::dropped(const Lost& lost, bool wasIdle, Deadline deadline) {
  const std::string url = connection_->url();
  connection_.reset();
  if (wasIdle && steady_clock::now() < deadline) return;
  servers_.failed(url, lost.what());
  throw lost;
}

}  // namespace posthouse::accountd::ldap
