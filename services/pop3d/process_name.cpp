#include "process_name.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace posthouse::pop3d {

namespace {

/// "BOOT/NAMESPACE/", which all names of processes have that can be seen from here.
std::string surroundings() {
  std::string boot;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
  std::error_code failed;
  const std::string name = std::filesystem::read_symlink("/proc/self/ns/pid", failed).string();
  return boot.empty() || failed ? std::string() : fmt::format("{}/{}/", boot, name);
}

/// When a process began, in ticks since the boot; empty if there is none with this id.
std::string beginOf(std::string_view pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  const std::string line{std::istreambuf_iterator<char>(file), {}};
  std::istringstream behindName(line.substr(std::min(line.rfind(')'), line.size())));  // the name may hold anything
  std::string word;
  constexpr int kStartTime = 22, kName = 2;
  for (int field = kName; field <= kStartTime && behindName >> word; ++field) {
  }
  return behindName ? word : std::string();
}

}  // namespace

std::string processName() {
  const std::string where = surroundings();
  const std::string pid = std::to_string(getpid());
  const std::string begin = beginOf(pid);
  return where.empty() || begin.empty() ? std::string() : fmt::format("{}{}/{}", where, pid, begin);
}

bool hasEnded(std::string_view processName) {
  const std::string where = surroundings();
  if (where.empty() || beginOf("self").empty() || !processName.starts_with(where)) return false;
  processName.remove_prefix(where.size());
  const std::size_t slash = processName.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view pid = processName.substr(0, slash);
  const std::string begin = beginOf(pid);
  if (!begin.empty()) return begin != processName.substr(slash + 1);
  int number = 0;  // /proc may not show the processes of others
  const auto read = std::from_chars(pid.data(), pid.data() + pid.size(), number);
  return read.ec == std::errc() && number > 0 && kill(number, 0) != 0 && errno == ESRCH;
}

}  // namespace posthouse::pop3d
