#pragma once
#include <cstddef>
#include <iterator>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exit_code.h"

namespace posthouse::mailctl {

class Context;

/// "--name" or, with a value, "--name VALUE" (or "--name=VALUE").
struct Option {
  std::string_view name;   // without its hyphens
  std::string_view value;  // what the value is called in the help; empty: takes none
  std::string_view help;
  bool required = false;
  char letter = 0;  // "-f" for short; 0: there is none
};

/// What stands on the command line beside the verb's own words.
class Arguments {
 public:
  std::vector<std::string> positional;
  std::multimap<std::string, std::string, std::less<>> options;

  bool has(std::string_view option) const { return options.contains(option); }
  /// What was said last.
  std::optional<std::string> option(std::string_view name) const {
    const auto [first, last] = options.equal_range(name);
    return first == last ? std::nullopt : std::optional(std::prev(last)->second);
  }
  /// All that was said, for an option that may be repeated.
  std::vector<std::string> all(std::string_view name) const {
    std::vector<std::string> values;
    for (auto [value, last] = options.equal_range(name); value != last; ++value) values.push_back(value->second);
    return values;
  }
};

/// One thing that mailctl does. Everything that is said about it anywhere comes from here.
struct Verb {
  std::string_view noun;
  std::string_view name;       // "add", or of several words; empty: the noun alone is the command
  std::string_view arguments;  // as in the help: "ADDRESS [SIZE]"
  std::size_t least = 0;       // how many of them
  std::size_t most = 0;
  std::vector<Option> options;
  std::string_view summary;  // a line
  std::string_view details;  // more for its own help, may be empty
  ExitCode (*run)(Context& context, const Arguments& arguments);

  /// "user add"
  std::string command() const { return name.empty() ? std::string(noun) : std::string(noun) + " " + std::string(name); }
};

inline constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

/// Every verb, in the order of the help.
std::span<const Verb> verbs();

}  // namespace posthouse::mailctl
