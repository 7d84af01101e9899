#include "maildir/messages.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "maildir/file_name.h"

namespace posthouse::mailctl::maildir {

namespace fs = std::filesystem;

MessageFile::MessageFile(OpenFile file) : file_(std::move(file)) {
  const struct stat status = file_.status();
  modified_ = std::chrono::system_clock::time_point(std::chrono::seconds(status.st_mtim.tv_sec) +
                                                    std::chrono::microseconds(status.st_mtim.tv_nsec / 1000));
  size_ = static_cast<std::uint64_t>(status.st_size);
}

std::string MessageFile::next() {
  char read[kPiece / 2];
  const std::string_view octets(read, file_.read(read, sizeof read));
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

std::vector<Messages::Entry> Messages::scan(const fs::path& folder, const Owner& owner) {
  std::vector<Entry> entries;
  // In this order: what moves from new to cur meanwhile is found, if need be twice.
  for (const bool isNew : {true, false}) {
    const fs::path path = folder / (isNew ? "new" : "cur");
    if (!owner.hasFolder(path) && isNew) continue;
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
      for (Entry& found : scan(folder_, owner_)) {
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
  std::optional<OpenFile> file = owner_.open(folder_ / entry.path());
  if (!file) return std::nullopt;
  return MessageFile(std::move(*file));
}

}  // namespace posthouse::mailctl::maildir
