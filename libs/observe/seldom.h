#pragma once
#include <chrono>
#include <cstddef>
#include <optional>
#include <utility>

namespace posthouse::observe {

/// For the log of what may happen a thousand times a second: says yes once in ten seconds, and how often it said no
/// since.
class Seldom {
 public:
  bool isDue() {
    constexpr std::chrono::seconds kInterval{10};
    const auto now = std::chrono::steady_clock::now();
    if (saidAt_ && now - *saidAt_ < kInterval) {
      ++silent_;
      return false;
    }
    saidAt_ = now;
    return true;
  }
  std::size_t takeSilent() { return std::exchange(silent_, 0); }

 private:
  std::optional<std::chrono::steady_clock::time_point> saidAt_;
  std::size_t silent_ = 0;
};

}  // namespace posthouse::observe
