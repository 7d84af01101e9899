#include "maildir/messages.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "maildir/file_name.h"

namespace posthouse::mailctl::maildir {

namespace fs = std::filesystem;

MessageFile::MessageFile(MessageFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      modified_(other.modified_),
      size_(other.size_),
      afterCr_(other.afterCr_) {}

MessageFile::~MessageFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string MessageFile::next() {
  char read[kPiece / 2];
  ssize_t count = 0;
  do {
    count = ::read(descriptor_, read, sizeof read);
  } while (count < 0 && errno == EINTR);
  if (count < 0) throw std::system_error(errno, std::generic_category());
  const std::string_view octets(read, static_cast<std::size_t>(count));
  std::string piece;
  piece.reserve(octets.size() + octets.size() / 32);
  for (const char octet : octets) {
    if (octet == '\n' && !afterCr_) piece += '\r';
    piece += octet;
    afterCr_ = octet == '\r';
  }
  return piece;
}

std::string_view Messages::Entry::base() const noexcept {
  return FileName::of(name).base;
}

std::vector<Messages::Entry> Messages::scan(const fs::path& folder) {
  std::vector<Entry> entries;
  // In this order: what moves from new to cur meanwhile is found, if need be twice.
  for (const bool isNew : {true, false}) {
    const fs::path path = folder / (isNew ? "new" : "cur");
    if (isNew && !fs::exists(path)) continue;
    for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
      std::string name = entry.path().filename().string();
      if (!name.starts_with('.')) entries.push_back({std::move(name), isNew});
    }
  }
  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.base(), entry.isNew); });
  const auto twins = std::ranges::unique(entries, {}, &Entry::base);
  entries.erase(twins.begin(), twins.end());
  return entries;
}

std::optional<MessageFile> Messages::open(Entry& entry) {
  if (auto file = tryOpen(entry)) return file;
  const std::string base(entry.base());
  for (const bool isKnown : {true, false}) {
    if (!isKnown) {
      moved_.clear();
      for (Entry& found : scan(folder_)) {
        std::string key(found.base());
        moved_.insert_or_assign(std::move(key), std::move(found));
      }
    }
    const auto moved = moved_.find(base);
    if (moved == moved_.end()) continue;
    if (auto file = tryOpen(moved->second)) {
      entry = moved->second;
      return file;
    }
  }
  return std::nullopt;
}

std::optional<MessageFile> Messages::tryOpen(const Entry& entry) const {
  const int descriptor = ::open((folder_ / entry.path()).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    if (errno == ENOENT) return std::nullopt;
    throw std::system_error(errno, std::generic_category());
  }
  struct stat status{};
  const bool isKnown = fstat(descriptor, &status) == 0;
  const auto modified = std::chrono::system_clock::time_point(std::chrono::seconds(status.st_mtim.tv_sec) +
                                                              std::chrono::microseconds(status.st_mtim.tv_nsec / 1000));
  MessageFile file(descriptor, modified, static_cast<std::uint64_t>(status.st_size));
  if (!isKnown) throw std::system_error(errno, std::generic_category());
  if (!S_ISREG(status.st_mode)) throw std::system_error(std::make_error_code(std::errc::not_supported), "no file");
  return file;
}

}  // namespace posthouse::mailctl::maildir
