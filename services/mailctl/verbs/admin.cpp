#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::AccountAdmin::Stub;

const Option kDomain{"domain", "DOMAIN", "this domain alone; everything if not given"};

std::string nameOf(const std::string& domain) {
  return domain.empty() ? "everything" : domain;
}

ExitCode add(Context& context, const Arguments& arguments) {
  admin::AddAdministratorRequest request;
  request.set_address(arguments.positional[0]);
  request.set_domain(arguments.option("domain").value_or(""));
  const auto added = ask<admin::Administrator>(context, &Stub::AddAdministrator, request);
  context.output().done(fmt::format("{} administers {}.", added.address(), nameOf(added.domain())), asJson(added));
  return ExitCode::done;
}

ExitCode list(Context& context, const Arguments&) {
  const auto response =
      ask<admin::ListAdministratorsResponse>(context, &Stub::ListAdministrators, admin::ListAdministratorsRequest());
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::Administrator& one : response.administrators()) {
    json.push_back(asJson(one));
    rows.push_back({one.address(), nameOf(one.domain())});
  }
  context.output().table({"ADDRESS", "ADMINISTERS"}, rows, json);
  return ExitCode::done;
}

ExitCode remove(Context& context, const Arguments& arguments) {
  admin::RemoveAdministratorRequest request;
  request.set_address(arguments.positional[0]);
  request.set_domain(arguments.option("domain").value_or(""));
  ask<admin::RemoveAdministratorResponse>(context, &Stub::RemoveAdministrator, request);
  context.output().done(fmt::format("{} administers {} no more.", request.address(), nameOf(request.domain())),
                        {{"removed", request.address()}});
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> adminVerbs() {
  return {
      {"admin",
       "add",
       "ADDRESS",
       1,
       1,
       {kDomain},
       "Let a user administer a domain, or everything",
       "An administrator of a domain sees and changes what is in it, and nothing else.",
       add},
      {"admin", "list", "", 0, 0, {}, "Who administers what", "", list},
      {"admin", "remove", "ADDRESS", 1, 1, {kDomain}, "Take it away again", "", remove},
  };
}

}  // namespace posthouse::mailctl
