#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "command_line.h"
#include "context.h"
#include "exit_code.h"
#include "verb.h"

namespace {

using namespace posthouse::mailctl;

ExitCode run(const std::vector<std::string>& words) {
  const Invocation invocation = parseCommandLine(words, verbs());
  if (invocation.help) {
    std::fputs(invocation.help->c_str(), stdout);
    return ExitCode::done;
  }
  if (invocation.version) {
    std::fputs("mailctl " POSTHOUSE_VERSION "\n", stdout);
    return ExitCode::done;
  }
  Context context(invocation);
  return invocation.verb->run(context, invocation.arguments);
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return static_cast<int>(run({arguments + 1, arguments + count}));
  } catch (const Failure& failure) {
    std::fputs(fmt::format("mailctl: {}\n", failure.what()).c_str(), stderr);
    return static_cast<int>(failure.code);
  } catch (const std::exception& error) {
    std::fputs(fmt::format("mailctl: {}\n", error.what()).c_str(), stderr);
    return static_cast<int>(ExitCode::failed);
  }
}
