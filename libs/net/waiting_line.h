#pragma once
#include <list>
#include <stop_token>

#include "net/wait.h"

namespace posthouse::net {

/// Coroutines of one loop that wait for something of which there is not enough, in the order of coming. Who is woken
/// looks around, and waits again if it is not his turn.
class WaitingLine {
 public:
  enum class Wakes {
    first,    // nobody else can be served before him
    everyone  // some may want what others do not
  };

  WaitingLine(Loop& loop, Wakes wakes) : loop_(loop), wakes_(wakes) {}
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

  /// A place in the line, left at the end of its scope: then others look around, too.
  class Place {
   public:
    explicit Place(WaitingLine& line);
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place();

    bool isFirst() const noexcept;
    /// Until it is woken. Throws Interrupted if `stop` is requested meanwhile.
    Task<> wait(std::stop_token stop);

   private:
    WaitingLine& line_;
    std::list<Wait*>::iterator at_;
  };

  /// There may be something for those who wait.
  void wake() noexcept;

 private:
  Loop& loop_;
  const Wakes wakes_;
  std::list<Wait*> waits_;  // nothing while its owner looks around
};

}  // namespace posthouse::net
