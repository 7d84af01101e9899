#include "daemon/arguments.h"

#include <fmt/core.h>

#include <stdexcept>

namespace posthouse::daemon {

Arguments Arguments::parse(int count, const char* const* arguments, const char* configurationFromEnvironment) {
  Arguments parsed;
  parsed.configurationFile =
      configurationFromEnvironment != nullptr ? configurationFromEnvironment : "/etc/posthouse/posthouse.toml";
  for (int i = 1; i < count; ++i) {
    std::string_view argument = arguments[i];
    const auto value = [&](std::string_view option) -> std::string {
      if (argument.starts_with(std::string(option) + "=")) return std::string(argument.substr(option.size() + 1));
      if (++i == count) throw std::invalid_argument(fmt::format("{} needs a value", option));
      return arguments[i];
    };
    if (argument == "--check-config") {
      parsed.checkOnly = true;
    } else if (argument == "--version") {
      parsed.version = true;
    } else if (argument == "--help" || argument == "-h") {
      parsed.help = true;
    } else if (argument == "--config" || argument.starts_with("--config=")) {
      parsed.configurationFile = value("--config");
    } else if (argument == "-o") {
      const std::string assignment = value("-o");
      const std::size_t equals = assignment.find('=');
      if (equals == std::string::npos)
        throw std::invalid_argument(fmt::format("-o {}: not of the form section.key=value", assignment));
      parsed.overrides.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
    } else {
      throw std::invalid_argument(fmt::format("unknown argument {}", argument));
    }
  }
  return parsed;
}

std::string usage(std::string_view service) {
  return fmt::format(
      "{} [--config FILE] [-o section.key=value]... [--check-config] [--version] [--help]\n"
      "  --config FILE         the configuration (or POSTHOUSE_CONFIG; default /etc/posthouse/posthouse.toml)\n"
      "  -o section.key=value  overrides one value, before the environment (POSTHOUSE__SECTION__KEY) and the file\n"
      "  --check-config        reads the configuration, prints every error with its place, and ends\n",
      service);
}

}  // namespace posthouse::daemon
