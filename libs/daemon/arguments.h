#pragma once
#include <string>
#include <string_view>

#include "config/configuration.h"

namespace posthouse::daemon {

/// The command line that every program knows.
struct Arguments {
  std::string configurationFile;  // --config FILE, else POSTHOUSE_CONFIG, else /etc/posthouse/posthouse.toml
  config::Configuration::Overrides overrides;  // -o section.key=value
  bool checkOnly = false;                      // --check-config
  bool version = false;                        // --version
  bool help = false;                           // --help

  /// Throws std::invalid_argument that says what is wrong.
  static Arguments parse(int count, const char* const* arguments, const char* configurationFromEnvironment);
};

std::string usage(std::string_view service);

}  // namespace posthouse::daemon
