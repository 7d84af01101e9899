#include "ldap/check.h"

namespace posthouse::accountd::ldap {
namespace {

constexpr int kMostCounted = 10'000;

/// Where those of the first domain are.
std::string baseOf(const Settings& settings) {
  return settings.base.asName({"nobody", settings.domains.empty() ? "" : settings.domains.front()});
}

void examine(Connection& connection, const Settings& settings, Deadline deadline, ServerCheck& check) {
  const auto began = std::chrono::steady_clock::now();
  const std::string base = baseOf(settings);
  if (connection.search({base, Scope::base, "(objectClass=*)", {"1.1"}, 1, true}, deadline).empty())
    throw Failed("base " + base + " is not there, or bind_dn may not see it");
  check.took += std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  const Search users{base, settings.scope, settings.userFilter.asFilterOfAll(), {"1.1"}, kMostCounted};
  check.users = static_cast<std::int64_t>(connection.search(users, deadline, &check.hasMoreUsers).size());
}

}  // namespace

ServerCheck checkServer(const Settings& settings, const std::string& url, Deadline deadline) {
  ServerCheck check{.url = url, .error = {}};
  const auto began = std::chrono::steady_clock::now();
  try {
    Connection connection(settings, url, deadline);
    if (!settings.bindDn.empty() && !connection.bind(settings.bindDn, settings.bindPassword, deadline))
      throw Failed("does not let bind_dn in; correct bind_dn and bind_password");
    check.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
    examine(connection, settings, deadline, check);
  } catch (const Failed& failed) {
    check.error = failed.what();
  }
  return check;
}

}  // namespace posthouse::accountd::ldap
