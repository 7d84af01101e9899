#include "net/socket_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

namespace posthouse::net {

void SocketFile::clear(const std::string& path) noexcept {
  struct stat status{};
  if (lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) unlink(path.c_str());
}

SocketFile::SocketFile(std::string path) noexcept : path_(std::move(path)) {
  struct stat status{};
  if (lstat(path_.c_str(), &status) != 0) return;
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

void SocketFile::remove() const noexcept {
  struct stat status{};
  if (inode_ == 0 || lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) unlink(path_.c_str());
}

}  // namespace posthouse::net
