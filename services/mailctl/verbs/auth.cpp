#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "config/units.h"
#include "mail/admin/v1/defence.grpc.pb.h"
#include "password_input.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::Defence::Stub;

std::string whom(const std::string& network, const std::string& address) {
  if (network.empty()) return address;
  return address.empty() ? network : fmt::format("{} from {}", address, network);
}

nlohmann::json orNull(const std::string& text) {
  return text.empty() ? nlohmann::json() : nlohmann::json(text);
}

nlohmann::json asJson(const admin::Ban& ban) {
  return {{"network", orNull(ban.network())},
          {"address", orNull(ban.address())},
          {"reason", ban.reason()},
          {"automatic", ban.automatic()},
          {"since", ban.since()},
          {"until", ban.until()}};
}

ExitCode ban(Context& context, const Arguments& arguments) {
  admin::AddBanRequest request;
  request.set_subject(arguments.positional[0]);
  request.set_reason(arguments.option("reason").value_or(""));
  if (const auto length = arguments.option("for")) {
    const auto duration = config::parseDuration(*length);
    if (!duration || *duration < std::chrono::seconds(1))
      throw Failure(ExitCode::usage, fmt::format("--for wants a time like 1h or 7d, not \"{}\"", *length));
    request.set_seconds(std::chrono::ceil<std::chrono::seconds>(*duration).count());
  }
  const auto added = ask<admin::Ban>(context, &Stub::AddBan, request);
  context.output().done(
      fmt::format("{} cannot log in until {}.", whom(added.network(), added.address()), humanTime(added.until())),
      asJson(added));
  return ExitCode::done;
}

ExitCode unban(Context& context, const Arguments& arguments) {
  admin::RemoveBanRequest request;
  request.set_subject(arguments.positional[0]);
  const auto removed = ask<admin::Ban>(context, &Stub::RemoveBan, request);
  const std::string who = whom(removed.network(), removed.address());
  context.output().done(fmt::format("Nothing is held against {} any more.", who), {{"unbanned", who}});
  return ExitCode::done;
}

ExitCode list(Context& context, const Arguments&) {
  const auto response = ask<admin::ListBansResponse>(context, &Stub::ListBans, admin::ListBansRequest());
  nlohmann::json bans = nlohmann::json::array();
  nlohmann::json slowed = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::Ban& one : response.bans()) {
    bans.push_back(asJson(one));
    rows.push_back({whom(one.network(), one.address()), one.automatic() ? "banned" : "banned by hand", one.reason(),
                    humanTime(one.since()), humanTime(one.until())});
  }
  for (const admin::Slowed& one : response.slowed()) {
    const std::string address = one.nobody() ? "a name that nobody has" : one.address();
    slowed.push_back({{"network", orNull(one.network())},
                      {"address", orNull(one.address())},
                      {"nobody", one.nobody()},
                      {"failures", one.failures()}});
    rows.push_back(
        {whom(one.network(), address), "slowed", fmt::format("{:.1f} wrong logins", one.failures()), "-", "-"});
  }
  context.output().table({"WHO", "IS", "WHY", "SINCE", "UNTIL"}, rows, {{"bans", bans}, {"slowed", slowed}});
  return ExitCode::done;
}

std::string_view mark(admin::TestStep::Verdict verdict) {
  switch (verdict) {
    case admin::TestStep::VERDICT_OK:
      return "ok";
    case admin::TestStep::VERDICT_NOTE:
      return "note";
    default:
      return "FAILED";
  }
}

ExitCode test(Context& context, const Arguments& arguments) {
  admin::TestLoginRequest request;
  request.set_address(arguments.positional[0]);
  request.set_remote_address(arguments.option("address").value_or(""));
  request.set_protocol(arguments.option("protocol").value_or("imap"));
  request.set_password(readPassword());
  const auto response = ask<admin::TestLoginResponse>(context, &Stub::TestLogin, request);
  nlohmann::json steps = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::TestStep& step : response.steps()) {
    steps.push_back({{"step", step.name()}, {"verdict", mark(step.verdict())}, {"text", step.text()}});
    rows.push_back({step.name(), std::string(mark(step.verdict())), step.text()});
  }
  context.output().table({"STEP", "", "WHAT"}, rows, {{"succeeds", response.succeeds()}, {"steps", steps}});
  return response.succeeds() ? ExitCode::done : ExitCode::problemsFound;
}

}  // namespace

std::vector<Verb> authVerbs() {
  return {
      {"auth",
       "test",
       "ADDRESS",
       1,
       1,
       {{"protocol", "NAME", "imap unless given, pop3, submission, managesieve or http"},
        {"address", "IP", "as if from there; else from where nothing is known of"}},
       "Try a login and show each step",
       "The password is the first line of standard input. Nothing is counted. Exits with 6 if the login would fail.",
       test},
      {"auth",
       "ban",
       "NETWORK|ADDRESS",
       1,
       1,
       {{"for", "TIME", "how long: 1h, 7d; a day if not given"}, {"reason", "TEXT", "for those who ask later"}},
       "Let nobody log in from a network, or as a user",
       "What is banned by hand is banned for everybody. Bans that come by themselves spare accounts that lately logged "
       "in from there.\nNetworks that are exempt (loopback, limits.exempt_networks) are not banned. A ban takes effect "
       "within a second or two.",
       ban},
      {"auth", "unban", "NETWORK|ADDRESS", 1, 1, {}, "Lift a ban, and forget the failures that led to it", "", unban},
      {"auth", "list", "", 0, 0, {}, "Who is banned or slowed, and why", "", list},
  };
}

}  // namespace posthouse::mailctl
