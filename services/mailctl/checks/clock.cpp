#include <sys/timex.h>

#include "checks/checks.h"

namespace posthouse::mailctl {

Findings checkClock(Context&) {
  timex state{};  // asks, changes nothing
  if (adjtimex(&state) == TIME_ERROR)
    return {{Grade::warn, "clock",
             "nothing keeps this machine's clock right; dates in mail and the validity of certificates depend on it",
             "install chrony, or enable systemd-timesyncd"}};
  return {{Grade::ok, "clock", "the clock is kept right", ""}};
}

}  // namespace posthouse::mailctl
