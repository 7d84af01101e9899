#include <fmt/format.h>

#include "checks/checks.h"
#include "run_program.h"

namespace posthouse::mailctl {

Findings checkConfiguration(Context& context) {
  std::vector<std::string> arguments{"--check-config", "--config", context.configurationFile()};
  for (const auto& [key, value] : context.overrides()) {
    arguments.emplace_back("-o");
    arguments.push_back(key + "=" + value);
  }
  Findings findings;
  for (const std::string& program : context.programs()) {
    const std::optional<std::string> path = findProgram(program);
    if (!path) {
      findings.push_back({Grade::warn, "configuration",
                          fmt::format("{} is configured, and not installed here", program),
                          fmt::format("run mailctl where {} is, or remove [{}]", program, program)});
      continue;
    }
    ProgramResult result = runProgram(*path, arguments);
    while (result.output.ends_with('\n')) result.output.pop_back();
    if (result.status == 0) {
      findings.push_back({Grade::ok, "configuration", fmt::format("{}: {}", program, result.output), ""});
    } else {
      findings.push_back(
          {Grade::fail, "configuration", fmt::format("{}: {}", program, result.output), "correct what the lines name"});
    }
  }
  if (findings.empty())
    findings.push_back({Grade::fail, "configuration",
                        fmt::format("{} configures no program", context.configurationFile()),
                        "name another with --config"});
  return findings;
}

}  // namespace posthouse::mailctl
