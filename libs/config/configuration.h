#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/section.h"
#include "config/value.h"

namespace posthouse::config {

/// The configuration is wrong; what() holds every error, one a line.
class InvalidConfiguration : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The file and what overrides it: defaults < file < environment (POSTHOUSE__SECTION__KEY) < -o section.key=value.
class Configuration {
 public:
  using Overrides = std::vector<std::pair<std::string, std::string>>;  // "section.key", value

  /// Reads a file. `environment` is the process's (environ), handed in. Throws InvalidConfiguration for bad TOML or a
  /// file that cannot be read.
  static Configuration load(const std::string& path, const char* const* environment, const Overrides& overrides);
  /// The same from memory; `name` stands in error messages.
  static Configuration parse(const std::string& text, const std::string& name, const char* const* environment,
                             const Overrides& overrides);

  /// A section by its name ("smtpd", "lmtp-delivery", "database"); absent ones read as empty.
  Section section(std::string_view name);

  /// The keys, as "section.key", whose values are not the same in both; of secrets in files, only the files' names
  /// count.
  std::vector<std::string> differences(const Configuration& other) const;

  /// What is set and where, "smtpd.listener[0].name = "mx"  # posthouse.toml:3:8", one a line. Without passwords, so
  /// that it may be shown.
  std::string redacted() const;

  Errors& errors() noexcept { return errors_; }
  /// Throws InvalidConfiguration if any section has noted an error.
  void check() const;

 private:
  void set(const std::string& section, const std::string& key, Value value, const std::string& place);

  std::string name_;
  Table root_;
  Errors errors_;
};

}  // namespace posthouse::config
