#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "sizes.h"
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

std::string showLimit(std::int64_t limit) {
  return limit == 0 ? "any" : std::to_string(limit);
}

std::string showOrNone(const std::string& text) {
  return text.empty() ? "none" : text;
}

std::vector<std::string> row(const admin::Domain& domain) {
  return {domain.name(),
          std::to_string(domain.users()),
          showLimit(domain.max_users()),
          std::to_string(domain.aliases()),
          showLimit(domain.max_aliases()),
          showOrNone(domain.catch_all()),
          showOrNone(domain.separators()),
          showQuota(domain.default_quota_bytes()),
          domain.two_factors_required() ? "required" : "optional"};
}

const std::vector<std::string> kHeading{"DOMAIN",    "USERS",     "MAX-USERS",     "ALIASES",    "MAX-ALIASES",
                                        "CATCH-ALL", "SEPARATOR", "DEFAULT-QUOTA", "TWO-FACTORS"};

ExitCode list(Context& context, const Arguments&) {
  const auto response = ask<admin::ListDomainsResponse>(context, &Stub::ListDomains, admin::ListDomainsRequest());
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::Domain& domain : response.domains()) {
    json.push_back(asJson(domain));
    rows.push_back(row(domain));
  }
  context.output().table(kHeading, rows, json);
  return ExitCode::done;
}

ExitCode show(Context& context, const Arguments& arguments) {
  admin::GetDomainRequest request;
  request.set_name(arguments.positional[0]);
  const auto domain = ask<admin::Domain>(context, &Stub::GetDomain, request);
  context.output().table(kHeading, {row(domain)}, asJson(domain));
  return ExitCode::done;
}

std::int64_t parseLimit(const std::string& key, const std::string& text) {
  if (text == "any" || text == "none") return 0;
  std::int64_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error != std::errc() || end != text.data() + text.size() || limit < 0)
    throw Failure(ExitCode::usage, fmt::format("{} wants a number, or \"any\"", key));
  return limit;
}

bool parseRequired(const std::string& key, const std::string& text) {
  if (text != "required" && text != "optional")
    throw Failure(ExitCode::usage, fmt::format("{} wants \"required\" or \"optional\"", key));
  return text == "required";
}

void read(const std::string& assignment, admin::SetDomainRequest& request) {
  const std::size_t equals = assignment.find('=');
  if (equals == assignment.npos)
    throw Failure(ExitCode::usage, fmt::format("\"{}\" is no setting: write SETTING=VALUE", assignment));
  const std::string key = assignment.substr(0, equals);
  const std::string value = assignment.substr(equals + 1);
  if (key == "catch-all") {
    request.set_catch_all(value == "none" ? "" : value);
  } else if (key == "separator") {
    request.set_separators(value == "none" ? "" : value);
  } else if (key == "default-quota") {
    request.set_default_quota_bytes(parseQuota(value));
  } else if (key == "max-users") {
    request.set_max_users(parseLimit(key, value));
  } else if (key == "max-aliases") {
    request.set_max_aliases(parseLimit(key, value));
  } else if (key == "two-factors") {
    request.set_two_factors_required(parseRequired(key, value));
  } else {
    throw Failure(ExitCode::usage,
                  fmt::format("a domain has no \"{}\"; it has catch-all, separator, default-quota, max-users, "
                              "max-aliases and two-factors",
                              key));
  }
}

ExitCode set(Context& context, const Arguments& arguments) {
  admin::SetDomainRequest request;
  request.set_name(arguments.positional[0]);
  for (std::size_t i = 1; i < arguments.positional.size(); ++i) read(arguments.positional[i], request);
  const auto domain = ask<admin::Domain>(context, &Stub::SetDomain, request);
  context.output().table(kHeading, {row(domain)}, asJson(domain));
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
      {"domain", "list", "", 0, 0, {}, "The domains that are ours, with their settings", "", list},
      {"domain", "show", "DOMAIN", 1, 1, {}, "One domain", "", show},
      {"domain",
       "set",
       "DOMAIN SETTING=VALUE…",
       2,
       kAnyNumber,
       {},
       "Change settings of a domain",
       "  catch-all=ADDRESS    who gets mail for names that nobody has, here or elsewhere; none: it is refused\n"
       "  separator=+          begins a detail, as in user+detail; several (+-) are each one; none: there are none\n"
       "  default-quota=SIZE   of a new user that is given none: 2GiB, unlimited\n"
       "  max-users=NUMBER     how many users, groups and shared mailboxes it may have; any\n"
       "  max-aliases=NUMBER   how many aliases; any\n"
       "  two-factors=required passwords of accounts are not for mail programs, which log in by app password (mailctl "
       "user\n"
       "                       app-password), and web logins take a one-time code, too (mailctl user totp); optional",
       set},
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
