#pragma once
#include <string>

#include "async/task.h"

namespace posthouse::accountd {

/// Which AP-REQs were shown before, to any instance: where a ticket alone lets its owner in, whoever has heard one must
/// not get in with it anywhere (RFC 4120 §3.2.3).
class SeenRequests {
 public:
  virtual ~SeenRequests() = default;
  /// Notes it; false if it was noted before. `proof`: ShownTicket's.
  virtual Task<bool> note(std::string proof) = 0;
};

}  // namespace posthouse::accountd
