#pragma once
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace posthouse::bench {

/// A process of the server with all its descendants, read from /proc.
struct ProcessTree {
  std::string name;
  pid_t root = 0;

  /// From "name=pid". Throws Failure.
  static ProcessTree parse(const std::string& text);

  /// What they have used since they began, the children that have ended included.
  double cpuSeconds() const;
  /// Their proportional share of memory (smaps_rollup), in KiB. Throws Failure where it may not be read.
  std::uint64_t pssKib() const;
  std::size_t processes() const { return members().size(); }

 private:
  std::vector<pid_t> members() const;
};

}  // namespace posthouse::bench
