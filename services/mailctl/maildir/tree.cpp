#include "maildir/tree.h"

#include <fmt/format.h>

#include <algorithm>

#include "exit_code.h"
#include "maildir/folder_name.h"
#include "maildir/messages.h"

namespace posthouse::mailctl::maildir {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLevels = 32;

bool isMaildir(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path / "cur", error);
}

class Reader {
 public:
  explicit Reader(Tree& tree) : tree_(tree) {}

  void readRoot(const fs::path& root) {
    add(root, "INBOX");
    for (const fs::path& path : directoriesIn(root)) {
      const std::string name = path.filename().string();
      if (name.starts_with('.')) {
        if (!isMaildir(path)) continue;
        const auto folder = folderName(std::string_view(name).substr(1));
        folder ? add(path, *folder) : tree_.nameless.push_back(path);
      } else {
        readLevel(path, "", 1);
      }
    }
  }

 private:
  /// LAYOUT=fs
  void readLevel(const fs::path& path, const std::string& above, int depth) {
    const std::string written = path.filename().string();
    if (depth > kMostLevels || written.starts_with('.') || written == "cur" || written == "new" || written == "tmp")
      return;
    const auto level = levelName(written);
    if (!level) {
      if (isMaildir(path)) tree_.nameless.push_back(path);
      return;
    }
    const std::string name = above.empty() ? *level : above + "/" + *level;
    if (isMaildir(path)) add(path, name);
    for (const fs::path& below : directoriesIn(path)) readLevel(below, name, depth + 1);
  }

  void add(const fs::path& path, std::string name) {
    std::size_t messages = 0;
    try {
      messages = Messages::scan(path).size();
    } catch (const fs::filesystem_error&) {
      tree_.unreadable.push_back(path);
      return;
    }
    tree_.folders.push_back({path, std::move(name), messages});
  }

  std::vector<fs::path> directoriesIn(const fs::path& path) {
    std::vector<fs::path> found;
    try {
      for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
        std::error_code error;
        if (entry.is_directory(error)) found.push_back(entry.path());
      }
    } catch (const fs::filesystem_error&) {
      tree_.unreadable.push_back(path);
    }
    return found;
  }

  Tree& tree_;
};

}  // namespace

Tree Tree::read(const fs::path& root) {
  std::error_code error;
  if (!fs::is_directory(root, error))
    throw Failure(ExitCode::failed, fmt::format("{} is no folder{}", root.string(),
                                                error ? ", or cannot be read: " + error.message() : ""));
  if (!isMaildir(root)) {
    const fs::path within = root / "Maildir";
    throw Failure(ExitCode::failed, fmt::format("{} is no Maildir, it has no folder cur{}", root.string(),
                                                isMaildir(within) ? "; did you mean " + within.string() + "?" : ""));
  }
  Tree tree;
  Reader(tree).readRoot(root);
  if (!tree.folders.empty()) std::ranges::sort(tree.folders.begin() + 1, tree.folders.end(), {}, &Folder::name);
  return tree;
}

}  // namespace posthouse::mailctl::maildir
