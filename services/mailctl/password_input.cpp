#include "password_input.h"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "base/ascii.h"
#include "crypto/secret.h"
#include "exit_code.h"

namespace posthouse::mailctl {
namespace {

/// Turns the terminal's echo off while it lives.
class NoEcho {
 public:
  NoEcho() {
    tcgetattr(STDIN_FILENO, &before_);
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
  }
  ~NoEcho() {
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    std::fputs("\n", stderr);
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;

 private:
  termios before_{};
};

std::string ask(std::string question) {
  question.front() = ascii::toUpper(question.front());
  std::fputs(question.c_str(), stderr);
  const NoEcho quiet;
  std::string answer;
  std::getline(std::cin, answer);
  return answer;
}

}  // namespace

std::string readPassword(std::string_view name, std::string_view command) {
  std::string password;
  if (isatty(STDIN_FILENO) == 1) {
    password = ask(fmt::format("{}: ", name));
    std::string again = ask("once more: ");
    const bool same = password == again;
    crypto::wipe(again);
    if (!same) throw Failure(ExitCode::failed, fmt::format("the two {}s differ; nothing was changed", name));
  } else {
    std::getline(std::cin, password);
    if (password.ends_with('\r')) password.pop_back();
  }
  if (password.empty())
    throw Failure(
        ExitCode::usage,
        fmt::format("no {}: it is read from standard input, as in: printf secret | mailctl {}", name, command));
  return password;
}

}  // namespace posthouse::mailctl
