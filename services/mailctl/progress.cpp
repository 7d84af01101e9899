#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace posthouse::mailctl {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInPlace{200};
constexpr milliseconds kLines{10'000};
constexpr const char* kEraseLine = "\r\x1b[K";  // ECMA-48: CR, then EL to its end

/// "0:28", "12:05", "3:00:10"
std::string asClock(std::int64_t seconds) {
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

std::string describe(const Advance& advance, milliseconds elapsed) {
  const double seconds = static_cast<double>(std::max<std::int64_t>(1, elapsed.count())) / 1000;
  const double rate = static_cast<double>(advance.done) / seconds;
  std::string text = fmt::format("{} of {} done, {:.0f} a second", advance.done, advance.total, rate);
  if (advance.failed > 0) text += fmt::format(", {} failed", advance.failed);
  if (advance.done > 0 && advance.done < advance.total) {
    const double left = static_cast<double>(advance.total - advance.done) / rate;
    text += fmt::format(", {} left", asClock(static_cast<std::int64_t>(left + 0.5)));
  }
  return text;
}

Progress::Progress() : Progress(stderr, isatty(STDERR_FILENO) == 1, std::chrono::steady_clock::now) {}

Progress::Progress(std::FILE* file, bool isTerminal, Clock clock)
    : file_(file), isTerminal_(isTerminal), clock_(std::move(clock)), begun_(clock_()), said_(begun_) {}

void Progress::at(const Advance& advance) {
  const auto now = clock_();
  if (now - said_ < (isTerminal_ ? kInPlace : kLines)) return;
  said_ = now;
  const std::string text = describe(advance, std::chrono::duration_cast<milliseconds>(now - begun_));
  std::fputs((isTerminal_ ? kEraseLine + text : text + "\n").c_str(), file_);
  std::fflush(file_);
  isShown_ = isTerminal_;
}

void Progress::clear() {
  if (std::exchange(isShown_, false)) std::fputs(kEraseLine, file_);
}

}  // namespace posthouse::mailctl
