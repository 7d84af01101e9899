#include "command_line.h"

#include <fmt/format.h>

#include <algorithm>

namespace posthouse::mailctl {
namespace {

[[noreturn]] void misused(const std::string& text) {
  throw Failure(ExitCode::usage, text);
}

bool isNoun(std::span<const Verb> verbs, std::string_view word) {
  return std::ranges::any_of(verbs, [&](const Verb& verb) { return verb.noun == word; });
}

/// Walks over the words once; global options may stand anywhere.
class Reader {
 public:
  Reader(std::span<const std::string> words, std::span<const Verb> verbs) : words_(words), verbs_(verbs) {}

  Invocation read() {
    bool optionsEnded = false;
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      if (!optionsEnded && word == "--") {
        optionsEnded = true;
      } else if (!optionsEnded && word.size() > 1 && word.front() == '-') {
        option(word);
      } else {
        plain(word);
      }
    }
    if (helpWanted_ || (noun_.empty() && !invocation_.version)) {
      help();
    } else if (!invocation_.version) {
      complete();
    }
    return std::move(invocation_);
  }

 private:
  void plain(const std::string& word) {
    if (invocation_.verb != nullptr) {
      invocation_.arguments.positional.push_back(word);
    } else if (noun_.empty()) {
      if (!isNoun(verbs_, word)) misused(fmt::format("there is no \"{}\"; mailctl --help shows what there is", word));
      noun_ = word;
      find("");
    } else {
      name_ += (name_.empty() ? "" : " ") + word;
      find(name_);
      if (invocation_.verb == nullptr && !isBegun(name_ + " "))
        misused(fmt::format("\"{}\" has no \"{}\"; mailctl {} --help shows what it has", noun_, name_, noun_));
    }
  }

  /// Whether verbs of the noun have names of more words.
  bool isBegun(std::string_view words) const {
    return std::ranges::any_of(verbs_,
                               [&](const Verb& verb) { return verb.noun == noun_ && verb.name.starts_with(words); });
  }

  void find(std::string_view name) {
    const auto found =
        std::ranges::find_if(verbs_, [&](const Verb& verb) { return verb.noun == noun_ && verb.name == name; });
    if (found != verbs_.end()) invocation_.verb = &*found;
  }

  void option(const std::string& word) {
    const std::size_t equals = word.starts_with("--") ? word.find('=') : word.npos;
    const std::string name = word.substr(0, equals);
    if (equals != word.npos) attached_ = word.substr(equals + 1);
    if (name == "--help" || name == "-h") {
      helpWanted_ = true;
    } else if (name == "--version") {
      invocation_.version = true;
    } else if (name == "--config") {
      invocation_.config = value(name);
    } else if (name == "--set") {
      override(value(name));
    } else if (name == "--as") {
      invocation_.actor = value(name);
    } else if (name == "-o" || name == "--output") {
      format(value(name));
    } else {
      ofVerb(name);
    }
    if (attached_) misused(fmt::format("{} takes no value", name));
  }

  void ofVerb(const std::string& name) {
    const Verb* verb = invocation_.verb;
    if (verb != nullptr)
      for (const Option& option : verb->options)
        if (name == "--" + std::string(option.name) ||
            (option.letter != 0 && name == std::string{'-', option.letter})) {
          invocation_.arguments.options.emplace(option.name, option.value.empty() ? "" : value(name));
          return;
        }
    const std::string where = verb == nullptr ? "mailctl" : "mailctl " + verb->command();
    misused(fmt::format("{} has no option {}; {} --help shows what it has", where, name, where));
  }

  std::string value(const std::string& option) {
    if (attached_) {
      std::string value = std::move(*attached_);
      attached_.reset();
      return value;
    }
    if (next_ == words_.size()) misused(fmt::format("{} wants a value", option));
    return words_[next_++];
  }

  void format(const std::string& name) {
    if (name == "json") {
      invocation_.format = Format::json;
    } else if (name == "table") {
      invocation_.format = Format::table;
    } else {
      misused("-o wants json or table");
    }
  }

  void override(const std::string& assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == assignment.npos) misused("--set wants section.key=value");
    invocation_.overrides.emplace_back(assignment.substr(0, equals), assignment.substr(equals + 1));
  }

  void help() {
    if (invocation_.verb != nullptr) {
      invocation_.help = helpText(*invocation_.verb);
    } else if (!noun_.empty()) {
      invocation_.help = helpText(verbs_, noun_);
    } else {
      invocation_.help = helpText(verbs_);
    }
    if (!helpWanted_) throw Failure(ExitCode::usage, *invocation_.help);
    invocation_.verb = nullptr;
  }

  void complete() const {
    const Verb* verb = invocation_.verb;
    if (verb == nullptr) throw Failure(ExitCode::usage, helpText(verbs_, noun_));
    const std::size_t given = invocation_.arguments.positional.size();
    const std::string usage = fmt::format("usage: mailctl {} {}", verb->command(), verb->arguments);
    if (given < verb->least) misused(usage);
    if (given > verb->most)
      misused(fmt::format("\"{}\" is too much; {}", invocation_.arguments.positional[verb->most], usage));
    for (const Option& option : verb->options)
      if (option.required && !invocation_.arguments.has(option.name))
        misused(fmt::format("mailctl {} wants --{}: {}", verb->command(), option.name, option.help));
  }

  std::span<const std::string> words_;
  std::span<const Verb> verbs_;
  std::size_t next_ = 0;
  std::string noun_;
  std::string name_;                     // of the verb, as far as it has been read
  std::optional<std::string> attached_;  // what followed "=" and nobody took yet
  bool helpWanted_ = false;
  Invocation invocation_;
};

constexpr std::string_view kGlobalOptions =
    "\nOptions of every command:\n"
    "  --config FILE              the configuration (else POSTHOUSE_CONFIG, else /etc/posthouse/posthouse.toml)\n"
    "  --set SECTION.KEY=VALUE    overrides one value of it\n"
    "  --as ADDRESS               with no more rights than this user or administrator of domains has\n"
    "  -o, --output json|table    how to show the result\n"
    "  -h, --help                 this, also of one command\n"
    "  --version\n"
    "\nExit status: 0 done, 1 failed, 2 usage, 3 not found, 4 exists already, 5 partly done, 6 a check found "
    "problems.\n";

std::string line(const Verb& verb) {
  return fmt::format("  {:<44} {}\n",
                     verb.command() + (verb.arguments.empty() ? "" : " ") + std::string(verb.arguments), verb.summary);
}

}  // namespace

Invocation parseCommandLine(std::span<const std::string> words, std::span<const Verb> verbs) {
  return Reader(words, verbs).read();
}

std::string helpText(std::span<const Verb> verbs) {
  std::string text = "mailctl administers Posthouse: mailctl NOUN VERB …\n\n";
  for (const Verb& verb : verbs) text += line(verb);
  return text.append(kGlobalOptions);
}

std::string helpText(std::span<const Verb> verbs, std::string_view noun) {
  std::string text;
  for (const Verb& verb : verbs)
    if (verb.noun == noun) text += line(verb);
  return text + fmt::format("\nmailctl {} VERB --help tells more.\n", noun);
}

std::string helpText(const Verb& verb) {
  std::string text = fmt::format("mailctl {}{}{}\n\n{}\n", verb.command(), verb.arguments.empty() ? "" : " ",
                                 verb.arguments, verb.summary);
  if (!verb.details.empty()) text.append(verb.details).append("\n");
  if (!verb.options.empty()) text += "\nOptions:\n";
  for (const Option& option : verb.options)
    text += fmt::format("  --{:<24} {}\n",
                        std::string(option.name) + (option.value.empty() ? "" : " ") + std::string(option.value),
                        option.help);
  return text.append(kGlobalOptions);
}

}  // namespace posthouse::mailctl
