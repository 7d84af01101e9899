#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "admin_address.h"
#include "http_get.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

/// In a container that is the first process; on a machine it is init, which is none of ours.
std::string firstProcess() {
  std::string name;
  std::ifstream comm("/proc/1/comm");
  std::getline(comm, name);
  return name;
}

std::vector<std::string> askedFor(Context& context, const Arguments& arguments) {
  std::vector<std::string> programs = context.programs();
  const std::string chosen = arguments.option("program").value_or(firstProcess());
  if (std::ranges::find(programs, chosen) != programs.end()) return {chosen};
  if (arguments.has("program"))
    throw Failure(ExitCode::notFound, fmt::format("there is no program {} in {}", chosen, context.configurationFile()));
  return programs;
}

ExitCode health(Context& context, const Arguments& arguments) {
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  bool allAlive = true;
  for (const std::string& program : askedFor(context, arguments)) {
    std::optional<net::Address> address = net::Address::parse(context.setting(program, "admin_address"));
    HttpAnswer answer{0, "no admin_address is configured"};
    if (address) {
      // On this machine, wherever else it listens.
      if (address->host == "0.0.0.0" || address->host == "::") address->host = "127.0.0.1";
      answer = httpGet(*address, "/healthz");
    }
    allAlive = allAlive && answer.status == 200;
    rows.push_back({program, answer.status == 200 ? "alive" : "not alive", answer.body});
    json.push_back({{"program", program}, {"alive", answer.status == 200}, {"answer", answer.body}});
  }
  context.output().table({"PROGRAM", "STATE", "ANSWER"}, rows, json);
  return allAlive ? ExitCode::done : ExitCode::problemsFound;
}

}  // namespace

std::vector<Verb> healthVerbs() {
  return {{"health",
           "",
           "",
           0,
           0,
           {{"local", "", "of this machine or container: ask its admin port over loopback", true},
            {"program", "NAME", "this one; else the container's own, or every one that is configured"}},
           "Whether programs are alive, for container health checks",
           "Status 6 if one is not.",
           health}};
}

}  // namespace posthouse::mailctl
