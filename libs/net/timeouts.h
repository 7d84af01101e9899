#pragma once
#include <uv.h>

#include <array>
#include <chrono>
#include <cstdint>

namespace posthouse::net {

/// The deadlines of everything that waits on one loop: a wheel of lists, a quarter of a second a slot, so that arming
/// and disarming cost a few instructions for ten thousand idle connections. Deadlines are met late by up to two slots,
/// never early.
class Timeouts {
 public:
  /// Something with a deadline. Unlinks itself when destroyed.
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    virtual ~Entry() { disarm(); }
    void disarm() noexcept;

   protected:
    /// Called on the loop, once, when the deadline has passed. The entry is disarmed by then and may be destroyed
    /// inside.
    virtual void expired() = 0;

   private:
    friend class Timeouts;
    Entry* previous_ = nullptr;
    Entry* next_ = nullptr;
    std::uint64_t dueTick_ = 0;
  };

  explicit Timeouts(uv_loop_t* loop);
  Timeouts(const Timeouts&) = delete;
  Timeouts& operator=(const Timeouts&) = delete;
  ~Timeouts() = default;

  void arm(Entry& entry, std::chrono::milliseconds after);
  /// At the next turn of the loop.
  void armNow(Entry& entry);
  /// Closes the timers; the loop must run once more to let go of them.
  void close();

 private:
  struct List : Entry {
    List() noexcept;
    bool empty() const noexcept;
    void expired() override {}
  };

  static constexpr std::chrono::milliseconds kTick{250};
  static constexpr std::size_t kSlots = 1024;

  void link(List& list, Entry& entry) noexcept;
  void tick();
  void fire(List& due);

  uv_timer_t ticker_;
  uv_timer_t immediate_;
  std::uint64_t now_ = 0;  // ticks
  bool ticking_ = false;
  std::array<List, kSlots> slots_;
  List dueNow_;
};

}  // namespace posthouse::net
