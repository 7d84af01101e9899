#pragma once
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "maildir/owner.h"

namespace posthouse::mailctl::maildir {

/// A message's file open for reading.
class MessageFile {
 public:
  /// Throws std::system_error.
  explicit MessageFile(OpenFile file);

  std::chrono::system_clock::time_point modified() const noexcept { return modified_; }
  std::uint64_t size() const noexcept { return size_; }  // octets as they are in the file

  /// The next part of the message, of at most kPiece octets, with CRLF at the ends of its lines, whatever the file has:
  /// as every server tells it. Empty at the end. Throws std::system_error.
  static constexpr std::size_t kPiece = 256 * 1024;
  std::string next();

 private:
  OpenFile file_;
  std::chrono::system_clock::time_point modified_;
  std::uint64_t size_;
  bool afterCr_ = false;
};

/// The messages in the folders cur and new of a Maildir.
class Messages {
 public:
  struct Entry {
    std::string name;  // of the file
    bool isNew;        // in the folder new: nobody has seen it

    std::filesystem::path path() const { return std::filesystem::path(isNew ? "new" : "cur") / name; }
    std::string_view base() const noexcept;
  };

  /// Throws std::filesystem::filesystem_error, and Failure if the folders cur and new are not the owner's.
  static std::vector<Entry> scan(const std::filesystem::path& folder, const Owner& owner);

  Messages(std::filesystem::path folder, const Owner& owner) : folder_(std::move(folder)), owner_(owner) {}

  /// Opens a message, by the name that it has now, which becomes the entry's: another program may have moved it or have
  /// changed its flags. Nothing if it is gone. Throws Failure if it is not to be read (see Owner), and
  /// std::system_error.
  std::optional<MessageFile> open(Entry& entry);

 private:
  std::optional<MessageFile> tryOpen(const Entry& entry) const;

  std::filesystem::path folder_;
  Owner owner_;
  std::unordered_map<std::string, Entry> moved_;  // by base: as they were when one was not found
};

}  // namespace posthouse::mailctl::maildir
