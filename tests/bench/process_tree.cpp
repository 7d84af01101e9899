#include "process_tree.h"

#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "arguments.h"

namespace posthouse::bench {
namespace {

/// What we want of /proc/PID/stat, proc(5).
struct Stat {
  pid_t parent = 0;
  double cpuSeconds = 0;
};

/// Nothing known of a process that has just ended.
Stat statOf(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t afterName = line.rfind(')');
  if (afterName == std::string::npos) return {};
  std::istringstream fields(line.substr(afterName + 1));
  std::string skipped;
  Stat stat;
  fields >> skipped >> stat.parent;                // state, ppid: fields 3 and 4
  for (int i = 5; i < 14; ++i) fields >> skipped;  // up to cmajflt
  for (int i = 14; i < 18; ++i) {                  // utime, stime, cutime, cstime
    double ticks = 0;
    fields >> ticks;
    stat.cpuSeconds += ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  }
  return stat;
}

}  // namespace

ProcessTree ProcessTree::parse(const std::string& text) {
  const std::size_t equals = text.find('=');
  ProcessTree tree;
  if (equals != std::string::npos) {
    tree.name = text.substr(0, equals);
    std::from_chars(text.data() + equals + 1, text.data() + text.size(), tree.root);
  }
  if (tree.root <= 0 || statOf(tree.root).parent == 0) throw Failure("--watch wants name=pid of a process: " + text);
  return tree;
}

std::vector<pid_t> ProcessTree::members() const {
  std::multimap<pid_t, pid_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    pid_t process = 0;
    std::from_chars(name.data(), name.data() + name.size(), process);
    if (process > 0) children.emplace(statOf(process).parent, process);
  }
  std::vector<pid_t> members{root};
  for (std::size_t i = 0; i < members.size(); ++i) {
    for (auto [each, end] = children.equal_range(members[i]); each != end; ++each) members.push_back(each->second);
  }
  return members;
}

double ProcessTree::cpuSeconds() const {
  double seconds = 0;
  for (const pid_t process : members()) seconds += statOf(process).cpuSeconds;
  return seconds;
}

std::uint64_t ProcessTree::pssKib() const {
  std::uint64_t sum = 0;
  for (const pid_t process : members()) {
    std::ifstream file("/proc/" + std::to_string(process) + "/smaps_rollup");
    std::string word;
    while (file >> word && word != "Pss:") {
    }
    std::uint64_t kib = 0;
    if (!(file >> kib)) {
      if (process == root) throw Failure("the memory of process " + std::to_string(root) + " cannot be read");
      continue;  // ended meanwhile
    }
    sum += kib;
  }
  return sum;
}

}  // namespace posthouse::bench
