#pragma once
#include <sys/types.h>

#include <string>

namespace posthouse::net {

/// The file of a unix socket on which this process listens. In a restart that overlaps, the next process puts its own
/// in its place: that one is not removed.
class SocketFile {
 public:
  /// Before bind: removes the socket that is there, be it of a process that was killed or of one that is about to end.
  static void clear(const std::string& path) noexcept;

  /// No file.
  SocketFile() = default;
  /// The socket that was just bound at the path.
  explicit SocketFile(std::string path) noexcept;

  /// Removes the file if it is still the one that was bound.
  void remove() const noexcept;

 private:
  std::string path_;
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace posthouse::net
