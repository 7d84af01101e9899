#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "maildir/owner.h"

namespace posthouse::mailctl::maildir {

struct Folder {
  std::filesystem::path path;
  std::string name;  // as it is called here: UTF-8, levels separated by '/'
  std::size_t messages = 0;
};

/// The folders of one user: the Maildir itself, which is INBOX, folders beside it that begin with a dot and have their
/// levels in their names (Maildir++), and folders within it that hold each other (Dovecot's LAYOUT=fs).
struct Tree {
  struct LeftOut {
    std::filesystem::path path;
    std::string why;
  };

  Owner owner;
  std::vector<Folder> folders;  // INBOX first, the others by name
  std::vector<LeftOut> leftOut;

  /// Throws Failure if there is no Maildir.
  static Tree read(const std::filesystem::path& root);
};

}  // namespace posthouse::mailctl::maildir
