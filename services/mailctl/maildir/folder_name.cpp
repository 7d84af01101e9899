#include "maildir/folder_name.h"

#include <algorithm>

#include "base/ascii.h"
#include "base/utf8.h"
#include "imap/utf7.h"
#include "maildir/lines.h"

namespace posthouse::mailctl::maildir {
namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    if (end == text.size()) return parts;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<std::string> levelName(std::string_view written) {
  std::optional<std::string> name;
  if (std::ranges::any_of(written, ascii::isEightBit)) {
    if (utf8::isValid(written)) name = written;
  } else {
    name = imap::decodeUtf7(written);
  }
  if (!name || name->empty() || name->find('/') != name->npos || std::ranges::any_of(*name, ascii::isControl))
    return std::nullopt;
  return name;
}

std::optional<std::string> folderName(const std::vector<std::string_view>& levels) {
  std::string name;
  for (const std::string_view level : levels) {
    const auto decoded = levelName(level);
    if (!decoded) return std::nullopt;
    if (!name.empty()) name += '/';
    name += *decoded;
  }
  return name;
}

std::optional<std::string> folderName(std::string_view withDots) {
  return folderName(split(withDots, '.'));
}

std::vector<std::string> parseSubscriptions(std::string_view text) {
  const std::vector<Line> lines = linesOf(text);
  const bool hasTabs = !lines.empty() && lines.front().text.starts_with("V\t");
  std::vector<std::string> names;
  for (const Line& line : lines) {
    if (hasTabs && line.number == 1) continue;
    const bool hasSlashes = line.text.find('/') != line.text.npos;
    std::vector<std::string_view> levels = split(line.text, hasTabs ? '\t' : hasSlashes ? '/' : '.');
    if (levels.size() > 1 && ascii::equalsIgnoringCase(levels.front(), "INBOX")) levels.erase(levels.begin());
    if (auto name = folderName(levels)) names.push_back(std::move(*name));
  }
  return names;
}

}  // namespace posthouse::mailctl::maildir
