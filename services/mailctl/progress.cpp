#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <utility>

namespace posthouse::mailctl {
namespace {

constexpr std::chrono::milliseconds kInPlace{200};
constexpr std::chrono::seconds kLines{10};
constexpr std::chrono::seconds kRecently{10};
constexpr const char* kEraseLine = "\r\x1b[K";  // ECMA-48: CR, then EL to its end

/// "0:28", "12:05", "3:00:10"
std::string asClock(std::int64_t seconds) {
  if (seconds < 3600) return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
  return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

}  // namespace

std::string describe(const Advance& advance, double rate) {
  std::string text = fmt::format("{} of {} done, {:.0f} a second", advance.done, advance.total, rate);
  if (advance.failed > 0) text += fmt::format(", {} failed", advance.failed);
  if (rate > 0 && advance.done < advance.total) {
    const double left = static_cast<double>(advance.total - advance.done) / rate;
    text += fmt::format(", {} left", asClock(static_cast<std::int64_t>(left + 0.5)));
  }
  return text;
}

Progress::Progress() : Progress(stderr, isatty(STDERR_FILENO) == 1, std::chrono::steady_clock::now) {}

Progress::Progress(std::FILE* file, bool isTerminal, Clock clock)
    : file_(file), isTerminal_(isTerminal), clock_(std::move(clock)), said_{{clock_(), 0}} {}

void Progress::at(const Advance& advance) {
  const auto now = clock_();
  if (now - said_.back().time < (isTerminal_ ? kInPlace : kLines)) return;
  while (said_.size() > 1 && now - said_.front().time > kRecently) said_.pop_front();
  const double seconds = std::chrono::duration<double>(now - said_.front().time).count();
  const std::string text = describe(advance, static_cast<double>(advance.done - said_.front().done) / seconds);
  said_.push_back({now, advance.done});
  std::fputs((isTerminal_ ? kEraseLine + text : text + "\n").c_str(), file_);
  std::fflush(file_);
  isShown_ = isTerminal_;
}

void Progress::clear() {
  if (std::exchange(isShown_, false)) std::fputs(kEraseLine, file_);
}

}  // namespace posthouse::mailctl
