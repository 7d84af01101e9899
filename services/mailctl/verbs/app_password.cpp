#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "config/units.h"
#include "mail/admin/v1/second_factors.grpc.pb.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::AppPasswords::Stub;

nlohmann::json orNull(std::int64_t time) {
  return time == 0 ? nlohmann::json() : nlohmann::json(time);
}

nlohmann::json asJson(const admin::AppPassword& password) {
  return {{"label", password.label()},
          {"protocols", std::vector<std::string>(password.protocols().begin(), password.protocols().end())},
          {"networks", std::vector<std::string>(password.networks().begin(), password.networks().end())},
          {"created_at", password.created_at()},
          {"expires_at", orNull(password.expires_at())},
          {"used_at", orNull(password.used_at())},
          {"used_protocol", password.used_protocol()},
          {"used_address", password.used_address()}};
}

std::vector<std::string> row(const admin::AppPassword& password) {
  const std::string networks =
      password.networks().empty() ? "any" : fmt::format("{}", fmt::join(password.networks(), " "));
  const std::string use = password.used_at() == 0 ? "never"
                                                  : fmt::format("{} {} {}", humanTime(password.used_at()),
                                                                password.used_protocol(), password.used_address());
  return {password.label(), fmt::format("{}", fmt::join(password.protocols(), " ")), networks,
          password.expires_at() == 0 ? "never" : humanTime(password.expires_at()), use};
}

/// "90d" as seconds.
std::int64_t parseLifetime(const std::string& text) {
  const auto lifetime = config::parseDuration(text);
  if (!lifetime || *lifetime < std::chrono::seconds(1))
    throw Failure(ExitCode::usage, fmt::format("--expires wants how long it lasts, like 90d or 12h, not \"{}\"", text));
  return std::chrono::floor<std::chrono::seconds>(*lifetime).count();
}

ExitCode add(Context& context, const Arguments& arguments) {
  admin::AddAppPasswordRequest request;
  request.set_address(arguments.positional[0]);
  request.set_label(*arguments.option("label"));
  for (const std::string& protocol : arguments.all("protocol")) request.add_protocols(protocol);
  for (const std::string& network : arguments.all("network")) request.add_networks(network);
  if (const auto lifetime = arguments.option("expires")) request.set_lifetime_seconds(parseLifetime(*lifetime));
  const auto made = ask<admin::AddAppPasswordResponse>(context, &Stub::AddAppPassword, request);
  nlohmann::json json = asJson(made.app_password());
  json["address"] = made.address();
  json["password"] = made.password();
  context.output().done(made.password(), json);
  return ExitCode::done;
}

ExitCode list(Context& context, const Arguments& arguments) {
  admin::ListAppPasswordsRequest request;
  request.set_address(arguments.positional[0]);
  const auto response = ask<admin::ListAppPasswordsResponse>(context, &Stub::ListAppPasswords, request);
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::AppPassword& password : response.app_passwords()) {
    json.push_back(asJson(password));
    rows.push_back(row(password));
  }
  context.output().table({"LABEL", "PROTOCOLS", "NETWORKS", "EXPIRES", "LAST USE"}, rows, json);
  return ExitCode::done;
}

ExitCode remove(Context& context, const Arguments& arguments) {
  admin::RemoveAppPasswordRequest request;
  request.set_address(arguments.positional[0]);
  request.set_label(arguments.positional[1]);
  ask<admin::RemoveAppPasswordResponse>(context, &Stub::RemoveAppPassword, request);
  context.output().done(
      fmt::format("The app password \"{}\" of {} lets nobody in any more.", request.label(), request.address()),
      {{"removed", request.label()}});
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> appPasswordVerbs() {
  return {
      {"user",
       "app-password add",
       "ADDRESS",
       1,
       1,
       {{"label", "TEXT", "which program or device it is for; no two of a user are the same", true},
        {"protocol", "NAME", "imap, pop3, submission or managesieve; may be repeated; all if not given"},
        {"network", "NETWORK",
         "192.0.2.0/24 or 2001:db8::/32, where it is good; may be repeated; anywhere if not given"},
        {"expires", "DURATION", "how long it lasts: 90d; for ever if not given"}},
       "Make a password for one program of a user, and print it",
       "It is shown this once. A program may be given it with or without the hyphens.",
       add},
      {"user",
       "app-password list",
       "ADDRESS",
       1,
       1,
       {},
       "A user's app passwords: their limits and last use",
       "A use is shown some seconds after it, and each password's at most once a minute.",
       list},
      {"user",
       "app-password remove",
       "ADDRESS LABEL",
       2,
       2,
       {},
       "Take an app password away; it is refused at once",
       "",
       remove},
  };
}

}  // namespace posthouse::mailctl
