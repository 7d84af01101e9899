#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "account_admin.h"
#include "config/units.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

using Stub = admin::AccountAdmin::Stub;

/// "7d", as long ago, or "2026-11-22", the beginning of the day in UTC: as seconds since 1970.
std::int64_t parseSince(const std::string& text) {
  using namespace std::chrono;
  if (const auto age = config::parseDuration(text))
    return floor<seconds>(system_clock::now() - *age).time_since_epoch().count();
  int year = 0;
  unsigned month = 0;
  unsigned day = 0;
  char rest = 0;
  const int read = std::sscanf(text.c_str(), "%4d-%2u-%2u%c", &year, &month, &day, &rest);
  const year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (read != 3 || !date.ok())
    throw Failure(ExitCode::usage,
                  fmt::format("--since wants a date like 2026-11-22 or an age like 7d, not \"{}\"", text));
  return sys_days(date).time_since_epoch() / seconds(1);
}

ExitCode list(Context& context, const Arguments& arguments) {
  admin::ListAuditRequest request;
  if (const auto since = arguments.option("since")) request.set_since(parseSince(*since));
  request.set_object(arguments.option("object").value_or(""));
  request.set_actor(arguments.option("actor").value_or(""));
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  for (const admin::AuditEntry& entry : listAll(context, &Stub::ListAudit, request)) {
    json.push_back(asJson(entry));
    const std::string who = entry.actor().empty() ? entry.peer() : entry.actor();
    rows.push_back({humanTime(entry.at()), who, entry.action(), entry.object(), entry.details()});
  }
  context.output().table({"TIME", "WHO", "DID", "TO", "WHAT"}, rows, json);
  return ExitCode::done;
}

}  // namespace

std::vector<Verb> auditVerbs() {
  return {{"audit",
           "list",
           "",
           0,
           0,
           {{"since", "WHEN", "from this day on (2026-11-22), or this age (7d)"},
            {"object", "NAME", "done to this address or domain"},
            {"actor", "ADDRESS", "done by this user"}},
           "What administrators changed, the oldest first",
           "It is kept for accountd.audit_age. Who is a user where one acted, or else the operator of a machine.",
           list}};
}

}  // namespace posthouse::mailctl
