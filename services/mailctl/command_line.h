#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "verb.h"

namespace posthouse::mailctl {

enum class Format { table, json };

/// What a command line asks for.
struct Invocation {
  const Verb* verb = nullptr;  // null: only help or the version is wanted
  Arguments arguments;
  std::optional<std::string> config;                           // --config
  std::vector<std::pair<std::string, std::string>> overrides;  // --set section.key=value
  std::string actor;                                           // --as
  Format format = Format::table;
  std::optional<std::string> help;  // the text to show
  bool version = false;
};

/// Reads the words after the program's name. Throws Failure(usage) with a sentence that says what would have been
/// right.
Invocation parseCommandLine(std::span<const std::string> words, std::span<const Verb> verbs);

/// The overview: every verb with its line.
std::string helpText(std::span<const Verb> verbs);
/// One noun's verbs, or one verb with its options.
std::string helpText(std::span<const Verb> verbs, std::string_view noun);
std::string helpText(const Verb& verb);

}  // namespace posthouse::mailctl
