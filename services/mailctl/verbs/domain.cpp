#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::AccountAdmin::Stub;

ExitCode add(Context& context, const Arguments& arguments) {
  admin::AddDomainRequest request;
  request.set_name(arguments.positional[0]);
  const auto domain = ask<admin::Domain>(context, &Stub::AddDomain, request);
  context.output().done(
      fmt::format("The domain {0} is ours now. Its first user: mailctl user add USER@{0} --password-stdin",
                  domain.name()),
      asJson(domain));
  return ExitCode::done;
}

ExitCode list(Context& context, const Arguments&) {
  const auto response = ask<admin::ListDomainsResponse>(context, &Stub::ListDomains, admin::ListDomainsRequest());
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::Domain& domain : response.domains()) {
    json.push_back(asJson(domain));
    rows.push_back({domain.name(), std::to_string(domain.users()), std::to_string(domain.aliases())});
  }
  context.output().table({"DOMAIN", "USERS", "ALIASES"}, rows, json);
  return ExitCode::done;
}

ExitCode remove(Context& context, const Arguments& arguments) {
  admin::RemoveDomainRequest request;
  request.set_name(arguments.positional[0]);
  ask<admin::RemoveDomainResponse>(context, &Stub::RemoveDomain, request);
  context.output().done(fmt::format("The domain {} is not ours any more.", request.name()),
                        {{"removed", request.name()}});
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> domainVerbs() {
  return {
      {"domain", "add", "DOMAIN", 1, 1, {}, "Take mail for a domain", "", add},
      {"domain", "list", "", 0, 0, {}, "The domains that are ours, with how many users and aliases", "", list},
      {"domain",
       "remove",
       "DOMAIN",
       1,
       1,
       {},
       "Take no mail for a domain any more; it must have no users and aliases left",
       "",
       remove},
  };
}

}  // namespace posthouse::mailctl
