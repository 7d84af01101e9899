#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace posthouse::test {

/// A program that runs beside the test and is ended with it. Its output goes to /dev/null.
class ChildProcess {
 public:
  /// Throws std::runtime_error if it cannot be started.
  explicit ChildProcess(const std::vector<std::string>& arguments);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

 private:
  pid_t pid_ = 0;
};

/// A folder of its own under the system's temporary one, removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace posthouse::test
