#include "context.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "rpc/channel.h"
#include "rpc/security.h"

namespace posthouse::mailctl {
namespace {

std::string chosenFile(const Invocation& invocation) {
  if (invocation.config) return *invocation.config;
  const char* fromEnvironment = std::getenv("POSTHOUSE_CONFIG");
  return fromEnvironment != nullptr ? fromEnvironment : "/etc/posthouse/posthouse.toml";
}

}  // namespace

Context::Context(const Invocation& invocation)
    : output_(invocation.format),
      configurationFile_(chosenFile(invocation)),
      actor_(invocation.actor),
      overrides_(invocation.overrides) {}

config::Configuration& Context::configuration() {
  if (!configuration_) {
    try {
      configuration_ = config::Configuration::load(configurationFile_, environ, overrides_);
    } catch (const config::InvalidConfiguration& invalid) {
      throw Failure(ExitCode::failed,
                    fmt::format("{}\nName the configuration with --config FILE or POSTHOUSE_CONFIG.", invalid.what()));
    }
  }
  return *configuration_;
}

std::string Context::setting(std::string_view section, std::string_view key) {
  return configuration().section(section).text(key, "");
}

bool Context::isConfigured(std::string_view program) {
  config::Section section = configuration().section(program);
  return section.has("grpc_address") || section.has("admin_address") || section.has("listener");
}

std::vector<std::string> Context::programs() {
  std::vector<std::string> programs;
  for (const std::string_view program : kPrograms)
    if (isConfigured(program)) programs.emplace_back(program);
  return programs;
}

std::string Context::databaseUrl() {
  config::Section section = configuration().section("database");
  std::string url = section.secret("url", "");
  url = section.secret("admin_url", url);
  if (url.empty())
    throw Failure(ExitCode::failed,
                  fmt::format("{} says nowhere which database: set [database] url, or admin_url", configurationFile_));
  return url;
}

std::shared_ptr<grpc::Channel> Context::channel(std::string_view program) {
  const std::string address = setting(program, "grpc_address");
  if (address.empty())
    throw Failure(ExitCode::failed,
                  fmt::format("{} has no [{}] grpc_address to reach it by", configurationFile_, program));
  return rpc::channel(address, rpc::Security::from(configuration().section("grpc")));
}

void require(const grpc::Status& status, std::string_view program) {
  switch (status.error_code()) {
    case grpc::StatusCode::OK:
      return;
    case grpc::StatusCode::NOT_FOUND:
      throw Failure(ExitCode::notFound, status.error_message());
    case grpc::StatusCode::ALREADY_EXISTS:
      throw Failure(ExitCode::exists, status.error_message());
    case grpc::StatusCode::INVALID_ARGUMENT:
      throw Failure(ExitCode::usage, status.error_message());
    case grpc::StatusCode::FAILED_PRECONDITION:
    case grpc::StatusCode::PERMISSION_DENIED:
      throw Failure(ExitCode::failed, status.error_message());
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      throw Failure(ExitCode::failed, fmt::format("{} cannot do it now: {}. Is it running? Ask: mailctl doctor",
                                                  program, status.error_message()));
    default:
      throw Failure(ExitCode::failed, fmt::format("{}: {}", program, status.error_message()));
  }
}

}  // namespace posthouse::mailctl
