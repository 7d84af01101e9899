#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "mail/admin/v1/kerberos.grpc.pb.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::KerberosPrincipals::Stub;

void show(Context& context, const admin::Principals& user) {
  const std::vector<std::string> principals(user.principals().begin(), user.principals().end());
  const std::string listed = principals.empty() ? "none" : fmt::format("{}", fmt::join(principals, ", "));
  context.output().table({"ADDRESS", "PRINCIPALS"}, {{user.address(), listed}},
                         {{"address", user.address()}, {"principals", principals}});
}

template <class Request>
ExitCode change(Context& context, const Arguments& arguments,
                grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&, admin::Principals*)) {
  Request request;
  request.set_address(arguments.positional[0]);
  request.mutable_principals()->Assign(arguments.positional.begin() + 1, arguments.positional.end());
  show(context, ask<admin::Principals>(context, call, request));
  return ExitCode::done;
}

ExitCode add(Context& context, const Arguments& arguments) {
  return change(context, arguments, &Stub::AddPrincipals);
}
ExitCode remove(Context& context, const Arguments& arguments) {
  return change(context, arguments, &Stub::RemovePrincipals);
}

ExitCode list(Context& context, const Arguments& arguments) {
  admin::GetPrincipalsRequest request;
  request.set_address(arguments.positional[0]);
  show(context, ask<admin::Principals>(context, &Stub::GetPrincipals, request));
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> principalVerbs() {
  return {
      {"user",
       "principal add",
       "ADDRESS PRINCIPAL…",
       2,
       kAnyNumber,
       {},
       "Let a user log in with a Kerberos ticket",
       "PRINCIPAL is what klist shows as the default principal, alice@EXAMPLE.ORG; case matters, also of the realm.\n"
       "accountd takes tickets for the services that it has keys of (accountd.keytab).",
       add},
      {"user", "principal list", "ADDRESS", 1, 1, {}, "Whose tickets a user logs in with", "", list},
      {"user", "principal remove", "ADDRESS PRINCIPAL…", 2, kAnyNumber, {}, "Take tickets no longer", "", remove},
  };
}

}  // namespace posthouse::mailctl
