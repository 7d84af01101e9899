#pragma once
#include <fcntl.h>
#include <unistd.h>

#include "observe/log.h"

namespace posthouse::test {

/// A log that nobody reads. The sink has its thread; the descriptor outlives it.
class QuietSink {
 public:
  explicit QuietSink(prometheus::Registry& registry) : sink_(nowhere_.number, registry) {}

  operator observe::LogSink&() noexcept { return sink_; }  // NOLINT(google-explicit-constructor): stands for the sink

 private:
  struct Nowhere {
    Nowhere() = default;
    Nowhere(const Nowhere&) = delete;
    Nowhere& operator=(const Nowhere&) = delete;
    ~Nowhere() { ::close(number); }
    const int number = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  };

  Nowhere nowhere_;
  observe::LogSink sink_;
};

}  // namespace posthouse::test
