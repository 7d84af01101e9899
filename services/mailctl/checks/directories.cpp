#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "account_admin.h"
#include "checks/checks.h"
#include "mail/admin/v1/directories.grpc.pb.h"

namespace posthouse::mailctl {
namespace {

Finding serverOf(const admin::DirectoryCheck& directory, const admin::ServerCheck& server) {
  if (!server.error().empty())
    return {Grade::fail, "directories", fmt::format("{}: {}", directory.name(), server.error()),
            "mend what it names; accountd takes it up again by itself"};
  if (server.users() == 0)
    return {Grade::warn, "directories",
            fmt::format("{}: user_filter finds nobody at {}", directory.name(), server.url()),
            "compare base, scope and user_filter with what ldapsearch finds as bind_dn"};
  return {Grade::ok, "directories",
          fmt::format("{}: {} works ({} ms), {}{} users", directory.name(), server.url(), server.milliseconds(),
                      server.has_more_users() ? "at least " : "", server.users()),
          ""};
}

std::set<std::string> domains(Context& context) {
  std::set<std::string> names;
  const auto response =
      ask<admin::ListDomainsResponse>(context, &admin::AccountAdmin::Stub::ListDomains, admin::ListDomainsRequest());
  for (const admin::Domain& domain : response.domains()) names.insert(domain.name());
  return names;
}

}  // namespace

Findings checkDirectories(Context& context) {
  Findings findings;
  try {
    const auto response = ask<admin::CheckDirectoriesResponse>(context, &admin::Directories::Stub::CheckDirectories,
                                                               admin::CheckDirectoriesRequest());
    if (response.directories().empty()) return findings;
    const std::set<std::string> ours = domains(context);
    for (const admin::DirectoryCheck& directory : response.directories()) {
      for (const admin::ServerCheck& server : directory.servers()) findings.push_back(serverOf(directory, server));
      for (const std::string& domain : directory.domains())
        if (!ours.contains(domain))
          findings.push_back(
              {Grade::warn, "directories",
               fmt::format("{}: {} is no domain of ours, so nobody there gets mail", directory.name(), domain),
               fmt::format("mailctl domain add {}", domain)});
    }
  } catch (const Failure& failure) {
    findings.push_back({Grade::fail, "directories", failure.what(), "see what is said about accountd above"});
  }
  return findings;
}

}  // namespace posthouse::mailctl
