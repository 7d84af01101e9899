#pragma once
#include <algorithm>
#include <chrono>
#include <stop_token>

#include "async/task_group.h"
#include "net/loop.h"

namespace posthouse::daemon {

/// The second word of a drain. The first is heard between commands, so that what has begun is finished; this one, when
/// the window is nearly over, is heard in the middle of everything: a client that fell silent there gets his farewell,
/// and does not keep the others until the process is ended by force.
class LastCall {
 public:
  /// Said `after` the drain has begun; see before().
  LastCall(net::Loop& loop, std::chrono::milliseconds after) : loop_(loop), after_(after) {}

  /// What leaves time for farewells of a drain that is to be over after `window`. A client who stays after his is given
  /// up a second later (net::kHangUpAtDrain and what deadlines may be late): of a short window that is a good part.
  static constexpr std::chrono::milliseconds before(std::chrono::milliseconds window) {
    constexpr std::chrono::milliseconds kForFarewells{8'000};  // of clients that hardly read, too
    return std::max(window - kForFarewells, window / 4);
  }

  std::stop_token token() const { return called_.get_token(); }

  /// The drain has begun.
  void begin() { timer_.spawn(callLater()); }
  /// The last session has ended.
  Task<> close();

 private:
  Task<> callLater();

  net::Loop& loop_;
  const std::chrono::milliseconds after_;
  std::stop_source called_;
  std::stop_source ended_;
  TaskGroup timer_;
};

}  // namespace posthouse::daemon
