#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "context.h"
#include "mail/admin/v1/daemon.grpc.pb.h"
#include "verbs/verbs.h"

namespace posthouse::mailctl {
namespace {

namespace admin = mail::admin::v1;
using Stub = admin::Daemon::Stub;

constexpr std::chrono::seconds kPatience{5};

template <class Response, class Request>
Response ask(Context& context, const std::string& program,
             grpc::Status (Stub::*call)(grpc::ClientContext*, const Request&, Response*), const Request& request) {
  const auto stub = admin::Daemon::NewStub(context.channel(program));
  Response response;
  callNow(program, kPatience,
          [&](grpc::ClientContext* callContext) { return (stub.get()->*call)(callContext, request, &response); });
  return response;
}

std::string known(Context& context, const std::string& program) {
  if (context.isConfigured(program)) return program;
  throw Failure(ExitCode::notFound, fmt::format("there is no program {} in {}; there are {}", program,
                                                context.configurationFile(), fmt::join(context.programs(), ", ")));
}

ExitCode status(Context& context, const Arguments&) {
  nlohmann::json json = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows;
  bool allReady = true;
  for (const std::string& program : context.programs()) {
    try {
      const auto answer = ask<admin::Status>(context, program, &Stub::GetStatus, admin::GetStatusRequest());
      const std::string reasons = fmt::format("{}", fmt::join(answer.not_ready_because(), "; "));
      rows.push_back(
          {program, answer.ready() ? "ready" : "not ready", answer.version(), humanTime(answer.started_at()), reasons});
      json.push_back({{"program", program},
                      {"running", true},
                      {"ready", answer.ready()},
                      {"version", answer.version()},
                      {"started_at", answer.started_at()},
                      {"not_ready_because", std::vector<std::string>(answer.not_ready_because().begin(),
                                                                     answer.not_ready_because().end())}});
      allReady = allReady && answer.ready();
    } catch (const Failure& failure) {
      rows.push_back({program, "no answer", "-", "-", failure.what()});
      json.push_back({{"program", program}, {"running", false}, {"ready", false}, {"error", failure.what()}});
      allReady = false;
    }
  }
  context.output().table({"PROGRAM", "STATE", "VERSION", "STARTED", "WHY"}, rows, json);
  return allReady ? ExitCode::done : ExitCode::problemsFound;
}

ExitCode logLevel(Context& context, const Arguments& arguments) {
  const std::string program = known(context, arguments.positional[0]);
  admin::SetLogLevelRequest request;
  request.set_level(arguments.positional[1]);
  ask<admin::SetLogLevelResponse>(context, program, &Stub::SetLogLevel, request);
  context.output().done(fmt::format("{} logs from {} on, until it is restarted or reloaded.", program, request.level()),
                        {{"program", program}, {"level", request.level()}});
  return ExitCode::done;
}

struct Reloaded {
  std::string program;
  std::vector<std::string> errors;
  std::vector<std::string> needRestart;
};

Reloaded reloadOne(Context& context, const std::string& program) {
  try {
    const auto answer = ask<admin::ReloadResponse>(context, program, &Stub::Reload, admin::ReloadRequest());
    return {program,
            {answer.errors().begin(), answer.errors().end()},
            {answer.changed_needs_restart().begin(), answer.changed_needs_restart().end()}};
  } catch (const Failure& failure) {
    return {program, {failure.what()}, {}};
  }
}

ExitCode reload(Context& context, const Arguments& arguments) {
  const std::string& wanted = arguments.positional[0];
  const std::vector<std::string> programs = wanted == "all" ? context.programs() : std::vector{known(context, wanted)};
  nlohmann::json json = nlohmann::json::array();
  std::string text;
  std::size_t refused = 0;
  for (const std::string& program : programs) {
    const Reloaded reloaded = reloadOne(context, program);
    refused += reloaded.errors.empty() ? 0 : 1;
    json.push_back(
        {{"program", program}, {"errors", reloaded.errors}, {"changed_needs_restart", reloaded.needRestart}});
    text += text.empty() ? "" : "\n";
    if (!reloaded.errors.empty()) {
      text += fmt::format("{} goes on with what it had: {}", program, fmt::join(reloaded.errors, "; "));
    } else {
      text += fmt::format("{} has read the configuration.", program);
      if (!reloaded.needRestart.empty())
        text += fmt::format(" Restart it for {}.", fmt::join(reloaded.needRestart, ", "));
    }
  }
  context.output().done(text, json);
  if (refused == 0) return ExitCode::done;
  return refused < programs.size() ? ExitCode::partlyDone : ExitCode::failed;
}

}  // namespace

std::vector<Verb> daemonVerbs() {
  return {
      {"status",
       "",
       "",
       0,
       0,
       {},
       "What runs, since when, and whether it is ready",
       "Status 6 if a program is not.",
       status},
      {"log",
       "level",
       "PROGRAM LEVEL",
       2,
       2,
       {},
       "Let a program log debug, info, warn or error from now on",
       "",
       logLevel},
      {"reload",
       "",
       "PROGRAM|all",
       1,
       1,
       {},
       "Let a program read its configuration and certificates again",
       "Status 5 if some could not.",
       reload},
  };
}

}  // namespace posthouse::mailctl
