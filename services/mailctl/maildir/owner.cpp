#include "maildir/owner.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "exit_code.h"

namespace posthouse::mailctl::maildir {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostOctets = std::size_t{512} * 1024 * 1024;  // of a list: some million messages

[[noreturn]] void refuse(const std::string& why) {
  throw Failure(ExitCode::failed, why);
}

[[noreturn]] void refuseLink() {
  refuse("it is a symbolic link, and none is followed: put there what it leads to");
}

}  // namespace

OpenFile::OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

OpenFile::~OpenFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

struct stat OpenFile::status() const {
  struct stat status{};
  if (fstat(descriptor_, &status) != 0) throw std::system_error(errno, std::generic_category());
  return status;
}

std::size_t OpenFile::read(char* octets, std::size_t most) {
  ssize_t count = 0;
  do {
    count = ::read(descriptor_, octets, most);
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw std::system_error(errno, std::generic_category());
  return static_cast<std::size_t>(count);
}

Owner Owner::of(const fs::path& root) {
  struct stat status{};
  const bool isThere = stat(root.c_str(), &status) == 0;
  if (!isThere || !S_ISDIR(status.st_mode))
    refuse(fmt::format("{} is no folder{}", root.string(),
                       isThere ? "" : ", or cannot be read: " + std::generic_category().message(errno)));
  return Owner(status.st_uid);
}

bool Owner::hasFolder(const fs::path& path) const {
  struct stat status{};
  if (lstat(path.c_str(), &status) != 0) return false;
  if (S_ISLNK(status.st_mode)) {
    if (stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return false;
    refuseLink();
  }
  if (!S_ISDIR(status.st_mode)) return false;
  check(status);
  return true;
}

void Owner::check(const struct stat& status) const {
  if (status.st_uid != uid_)
    refuse(fmt::format("it belongs to the user with the uid {}, and the Maildir to {}: chown it if it is this user's",
                       status.st_uid, uid_));
}

std::optional<OpenFile> Owner::open(const fs::path& file) const {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
  if (descriptor < 0) {
    if (errno == ENOENT) return std::nullopt;
    if (errno == ELOOP) refuseLink();
    if (errno == ENXIO || errno == ENODEV) refuse("it is no regular file");
    throw std::system_error(errno, std::generic_category());
  }
  OpenFile opened(descriptor);
  const struct stat status = opened.status();
  if (!S_ISREG(status.st_mode)) refuse("it is no regular file");
  check(status);
  return opened;
}

std::optional<std::string> Owner::read(const fs::path& file) const {
  constexpr std::size_t kPiece = std::size_t{64} * 1024;
  std::optional<OpenFile> opened = open(file);
  if (!opened) return std::nullopt;
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + kPiece);
    const std::size_t count = opened->read(text.data() + before, kPiece);
    text.resize(before + count);
    if (count == 0) return text;
    if (text.size() > kMostOctets) refuse("it is larger than 512 MiB");
  }
}

}  // namespace posthouse::mailctl::maildir
