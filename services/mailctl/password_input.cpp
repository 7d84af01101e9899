#include "password_input.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

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

std::string ask(const char* question) {
  std::fputs(question, stderr);
  const NoEcho quiet;
  std::string answer;
  std::getline(std::cin, answer);
  return answer;
}

}  // namespace

std::string readPassword() {
  std::string password;
  if (isatty(STDIN_FILENO) == 1) {
    password = ask("Password: ");
    std::string again = ask("Once more: ");
    const bool same = password == again;
    crypto::wipe(again);
    if (!same) throw Failure(ExitCode::failed, "the two passwords differ; nothing was changed");
  } else {
    std::getline(std::cin, password);
    if (password.ends_with('\r')) password.pop_back();
  }
  if (password.empty())
    throw Failure(ExitCode::usage,
                  "no password: it is read from standard input, as in: printf secret | mailctl user add ADDRESS "
                  "--password-stdin");
  return password;
}

}  // namespace posthouse::mailctl
