#include "daemon/process.h"

#include <malloc.h>
#include <sys/resource.h>

#include <algorithm>

namespace posthouse::daemon {

void prepareProcess() {
  constexpr rlim_t kMost = 1 << 20;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = std::max(limit.rlim_cur, std::min(limit.rlim_max, kMost));
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  // Left to itself, malloc keeps buffers of up to 32 MiB on the heap once it has seen some. Those of a usual mail are
  // worth keeping: the system clears each page of a new one, which takes longer than to fill it.
  mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
  mallopt(M_TRIM_THRESHOLD, 8 * 1024 * 1024);
}

Task<> giveMemoryBack(net::Loop& loop, std::stop_token stop) {
  constexpr std::chrono::seconds kInterval{30};
  constexpr std::size_t kWorthIt = std::size_t{8} * 1024 * 1024;
  try {
    for (;;) {
      co_await loop.sleep(kInterval, stop);
      if (mallinfo2().fordblks > kWorthIt) malloc_trim(0);
    }
  } catch (const net::Interrupted&) {  // the program ends
  }
}

}  // namespace posthouse::daemon
