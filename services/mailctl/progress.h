#pragma once
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <string>

namespace posthouse::mailctl {

/// How far a long piece of work is.
struct Advance {
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::int64_t failed = 0;  // of those done
};

/// "1200 of 10000 done, 310 a second, 3 failed, 0:28 left". `rate`: done in a second.
std::string describe(const Advance& advance, double rate);

/// Says on standard error how far the work is: on a terminal in place and several times a second, elsewhere with a line
/// every ten seconds, so that a log shows it and short work says nothing. The rate is that of the last ten seconds:
/// what an import did before takes no time when it is repeated.
class Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// For standard error as it is.
  Progress();
  Progress(std::FILE* file, bool isTerminal, Clock clock);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { clear(); }

  void at(const Advance& advance);
  /// Makes room on the terminal for a line of something else.
  void clear();

 private:
  std::FILE* const file_;
  const bool isTerminal_;
  const Clock clock_;
  struct Sample {
    std::chrono::steady_clock::time_point time;
    std::int64_t done;
  };
  std::deque<Sample> said_;  // lately, the oldest first; never empty
  bool isShown_ = false;
};

}  // namespace posthouse::mailctl
