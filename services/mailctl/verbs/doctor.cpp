#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "checks/checks.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

std::string_view label(Grade grade) {
  switch (grade) {
    case Grade::ok:
      return "ok";
    case Grade::warn:
      return "warn";
    case Grade::fail:
      return "fail";
  }
  return "";
}

/// As each check ends, so that a slow one shows what it is about.
void show(const Output& output, const Findings& findings) {
  for (const Finding& finding : findings) {
    output.text(fmt::format("{:<5} {:<14} {}\n", label(finding.grade), finding.check, finding.what));
    if (!finding.mend.empty()) output.text(fmt::format("{:20} → {}\n", "", finding.mend));
  }
}

ExitCode report(Context& context, std::initializer_list<Findings (*)(Context&)> checks) {
  context.configuration();
  Findings all;
  for (const auto check : checks) {
    Findings some = check(context);
    if (!context.output().isJson()) show(context.output(), some);
    all.insert(all.end(), some.begin(), some.end());
  }
  const auto count = [&](Grade grade) { return std::ranges::count(all, grade, &Finding::grade); };
  nlohmann::json json = {{"ok", count(Grade::ok)},
                         {"warn", count(Grade::warn)},
                         {"fail", count(Grade::fail)},
                         {"findings", nlohmann::json::array()}};
  for (const Finding& finding : all)
    json["findings"].push_back(
        {{"grade", label(finding.grade)}, {"check", finding.check}, {"what", finding.what}, {"mend", finding.mend}});
  context.output().done(
      fmt::format("{} ok, {} to look at, {} to mend.", count(Grade::ok), count(Grade::warn), count(Grade::fail)), json);
  return count(Grade::fail) == 0 ? ExitCode::done : ExitCode::problemsFound;
}

ExitCode doctor(Context& context, const Arguments&) {
  return report(context, {checkConfiguration, checkDatabase, checkPrograms, checkListeners, checkCertificates,
                          checkAddresses, checkDirectories, checkClock});
}

ExitCode configCheck(Context& context, const Arguments&) {
  return report(context, {checkConfiguration});
}

}  // namespace

std::vector<Verb> doctorVerbs() {
  return {
      {"doctor",
       "",
       "",
       0,
       0,
       {},
       "Check everything, and say how to mend what fails",
       "Status 6 if something fails; what is only worth a look does not count.",
       doctor},
      {"config",
       "check",
       "",
       0,
       0,
       {},
       "Let every program read the configuration and name its errors",
       "Status 6 if there are any.",
       configCheck},
  };
}

}  // namespace posthouse::mailctl
