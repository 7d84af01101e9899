#pragma once
#include <algorithm>
#include <cstdint>

namespace posthouse {

/// Octets that the messages under way in a process may hold together. On one thread.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::uint64_t total) : total_(total) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  std::uint64_t held() const noexcept { return held_; }

 private:
  friend class MemoryShare;
  std::uint64_t total_;
  std::uint64_t held_ = 0;
};

/// What one message holds of it, counted as it comes and not as it is announced: whoever announces much and sends
/// nothing takes nothing from others. A small message is not counted, so that it passes however many large ones there
/// are.
class MemoryShare {
 public:
  static constexpr std::uint64_t kSmall = std::uint64_t{64} * 1024;

  explicit MemoryShare(MemoryBudget& budget) : budget_(budget) {}
  MemoryShare(const MemoryShare&) = delete;
  MemoryShare& operator=(const MemoryShare&) = delete;
  ~MemoryShare() { budget_.held_ -= held_; }

  /// Whether the message may hold so many octets in all. If not, nothing changes.
  bool grow(std::uint64_t octets) {
    const std::uint64_t counted = octets > kSmall ? octets - kSmall : 0;
    if (counted > held_) {
      if (counted - held_ > budget_.total_ - std::min(budget_.held_, budget_.total_)) return false;
      budget_.held_ += counted - held_;
      held_ = counted;
    }
    return true;
  }
  /// The message has been dropped.
  void release() {
    budget_.held_ -= held_;
    held_ = 0;
  }

 private:
  MemoryBudget& budget_;
  std::uint64_t held_ = 0;
};

}  // namespace posthouse
