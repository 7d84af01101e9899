#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::AccountAdmin::Stub;

std::string membersOf(const admin::Alias& alias) {
  return fmt::format("{}", fmt::join(alias.members(), ", "));
}

ExitCode add(Context& context, const Arguments& arguments) {
  admin::AddAliasRequest request;
  request.set_address(arguments.positional[0]);
  request.mutable_members()->Assign(arguments.positional.begin() + 1, arguments.positional.end());
  const auto alias = ask<admin::Alias>(context, &Stub::AddAlias, request);
  context.output().done(fmt::format("Mail for {} goes to {}.", alias.address(), membersOf(alias)), asJson(alias));
  return ExitCode::done;
}

ExitCode list(Context& context, const Arguments& arguments) {
  admin::ListAliasesRequest request;
  if (!arguments.positional.empty()) request.set_domain(arguments.positional[0]);
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::Alias& alias : listAll(context, &Stub::ListAliases, request)) {
    json.push_back(asJson(alias));
    rows.push_back({alias.address(), membersOf(alias)});
  }
  context.output().table({"ALIAS", "MEMBERS"}, rows, json);
  return ExitCode::done;
}

ExitCode remove(Context& context, const Arguments& arguments) {
  admin::RemoveAliasRequest request;
  request.set_address(arguments.positional[0]);
  request.mutable_members()->Assign(arguments.positional.begin() + 1, arguments.positional.end());
  ask<admin::RemoveAliasResponse>(context, &Stub::RemoveAlias, request);
  const std::vector<std::string> members(arguments.positional.begin() + 1, arguments.positional.end());
  const std::string what =
      members.empty() ? fmt::format("The alias {} is gone.", request.address())
                      : fmt::format("Mail for {} goes to {} no more.", request.address(), fmt::join(members, ", "));
  context.output().done(what, {{"removed", request.address()}, {"members", members}});
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> aliasVerbs() {
  return {
      {"alias",
       "add",
       "ADDRESS MEMBER…",
       2,
       kAnyNumber,
       {},
       "Send an address's mail to others, here or elsewhere",
       "Adds to the members of an alias that exists. Members may be aliases themselves. Every domain should have "
       "postmaster and abuse (RFC 2142).",
       add},
      {"alias", "list", "[DOMAIN]", 0, 1, {}, "The aliases of a domain, or all, with their members", "", list},
      {"alias",
       "remove",
       "ADDRESS [MEMBER…]",
       1,
       kAnyNumber,
       {},
       "Remove members from an alias, or the alias itself",
       "",
       remove},
  };
}

}  // namespace posthouse::mailctl
