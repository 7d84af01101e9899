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
constexpr const char* kNameless =
    "the folder's name is neither modified UTF-7 nor UTF-8, or has a slash or a control character in it: rename it";

bool isPart(std::string_view name) {
  return name == "cur" || name == "new" || name == "tmp";
}

class Reader {
 public:
  explicit Reader(Tree& tree) : tree_(tree) {}

  void readRoot(const fs::path& root) {
    add(root, "INBOX");
    for (const fs::path& path : foldersIn(root)) {
      const std::string name = path.filename().string();
      if (name.starts_with('.')) {
        if (!isMaildir(path)) continue;
        const auto folder = folderName(std::string_view(name).substr(1));
        folder ? add(path, *folder) : leaveOut(path, kNameless);
      } else {
        readLevel(path, "", 1);
      }
    }
  }

 private:
  /// LAYOUT=fs
  void readLevel(const fs::path& path, const std::string& above, int depth) {
    const std::string written = path.filename().string();
    if (written.starts_with('.') || isPart(written)) return;
    if (depth > kMostLevels) return leaveOut(path, "it is more than 32 levels deep");
    const auto level = levelName(written);
    if (!level) {
      if (isMaildir(path)) leaveOut(path, kNameless);
      return;
    }
    const std::string name = above.empty() ? *level : above + "/" + *level;
    if (isMaildir(path)) add(path, name);
    for (const fs::path& below : foldersIn(path)) readLevel(below, name, depth + 1);
  }

  void leaveOut(const fs::path& path, const std::string& why) { tree_.leftOut.push_back({path, why}); }

  bool isMaildir(const fs::path& path) {
    try {
      return tree_.owner.hasFolder(path / "cur");
    } catch (const Failure& failure) {
      leaveOut(path / "cur", failure.what());
      return false;
    }
  }

  void add(const fs::path& path, std::string name) {
    std::size_t messages = 0;
    try {
      messages = Messages::scan(path, tree_.owner).size();
    } catch (const Failure& failure) {
      return leaveOut(path, failure.what());
    } catch (const std::system_error& error) {
      return leaveOut(path, "the folder cannot be read: " + error.code().message());
    }
    tree_.folders.push_back({path, std::move(name), messages});
  }

  std::vector<fs::path> foldersIn(const fs::path& path) {
    std::vector<fs::path> found;
    try {
      for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
        if (isPart(entry.path().filename().string())) continue;
        try {
          if (tree_.owner.hasFolder(entry.path())) found.push_back(entry.path());
        } catch (const Failure& failure) {
          leaveOut(entry.path(), failure.what());
        }
      }
    } catch (const std::system_error& error) {
      leaveOut(path, "the folder cannot be read: " + error.code().message());
    }
    return found;
  }

  Tree& tree_;
};

}  // namespace

Tree Tree::read(const fs::path& root) {
  Tree tree{Owner::of(root), {}, {}};
  std::error_code error;
  if (!fs::is_directory(fs::symlink_status(root / "cur", error))) {
    const fs::path within = root / "Maildir";
    const bool isMeant = fs::is_directory(within / "cur", error);
    throw Failure(ExitCode::failed, fmt::format("{} is no Maildir, it has no folder cur{}", root.string(),
                                                isMeant ? "; did you mean " + within.string() + "?" : ""));
  }
  Reader(tree).readRoot(root);
  if (!tree.folders.empty()) std::ranges::sort(tree.folders.begin() + 1, tree.folders.end(), {}, &Folder::name);
  return tree;
}

}  // namespace posthouse::mailctl::maildir
