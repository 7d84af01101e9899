#include "process_name.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

using namespace posthouse::pop3d;

TEST_CASE("a process has ended when it is not there any more, and only then", "[pop3d]") {
  const std::string own = processName();
  REQUIRE_FALSE(own.empty());
  CHECK(own == processName());
  CHECK_FALSE(hasEnded(own));
  CHECK(hasEnded(own + "1"));        // its id is another's now
  CHECK_FALSE(hasEnded("x" + own));  // on another system
  CHECK_FALSE(hasEnded(own.substr(0, own.rfind('/'))));
  CHECK_FALSE(hasEnded(""));

  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  if (child == 0) {
    const std::string name = processName();
    _exit(write(ends[1], name.data(), name.size()) > 0 && pause() != 0 ? 0 : 1);
  }
  std::string name(1024, '\0');
  const ssize_t length = read(ends[0], name.data(), name.size());
  close(ends[0]);
  close(ends[1]);
  REQUIRE(length > 0);
  name.resize(static_cast<std::size_t>(length));
  CHECK_FALSE(hasEnded(name));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  CHECK(hasEnded(name));
}
