#pragma once
#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>

struct stat;

namespace posthouse::mailctl::maildir {

/// A file that is open for reading.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) noexcept : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile();

  struct stat status() const;
  /// What comes next, up to so many octets; 0 at the end. Throws std::system_error.
  std::size_t read(char* octets, std::size_t most);

 private:
  int descriptor_;
};

/// Whose a Maildir is. An import may run as root, and what lies in a Maildir its owner has put there: only what is the
/// owner's is read, so that no link leads to what is somebody else's, or nowhere.
class Owner {
 public:
  explicit Owner(uid_t uid) noexcept : uid_(uid) {}
  /// Of the folder where a Maildir begins, to which a symbolic link may lead. Throws Failure if there is none.
  static Owner of(const std::filesystem::path& root);

  /// Whether there is a folder, and no symbolic link to one. Throws Failure if it is a link or another's.
  bool hasFolder(const std::filesystem::path& path) const;

  /// Opens a file; nothing if there is none. Throws Failure if it is a symbolic link, no regular file or another's, and
  /// std::system_error.
  std::optional<OpenFile> open(const std::filesystem::path& file) const;
  /// The whole of a file, as open() has it. Throws Failure, too, if it is larger than lists are.
  std::optional<std::string> read(const std::filesystem::path& file) const;

 private:
  void check(const struct stat& status) const;

  uid_t uid_;
};

}  // namespace posthouse::mailctl::maildir
