// The reply to EHLO, RFC 5321 §4.1.1.1.
#include "smtp/announcement.h"

#include <utility>

#include "base/ascii.h"

namespace posthouse::smtp {
namespace {

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> split;
  while (!(line = ascii::trimBlanks(line)).empty()) {
    const std::string_view word = line.substr(0, line.find_first_of(" \t"));
    split.emplace_back(word);
    line.remove_prefix(word.size());
  }
  return split;
}

}  // namespace

/// ehlo-line = ehlo-keyword *( SP ehlo-param ), from the second line on
Announcement::Announcement(const Reply& reply) {
  for (std::size_t i = 1; i < reply.lines.size(); ++i) {
    std::vector<std::string> line = words(reply.lines[i]);
    if (line.empty()) continue;
    std::string keyword = ascii::toUpper(line.front());
    line.erase(line.begin());
    // "AUTH=PLAIN", as servers wrote before there was a standard, would be a keyword of its own and is passed over.
    if (keyword.find('=') == std::string::npos) keywords_.insert_or_assign(std::move(keyword), std::move(line));
  }
}

bool Announcement::offers(std::string_view keyword) const {
  return keywords_.contains(ascii::toUpper(keyword));
}

std::vector<std::string> Announcement::parameters(std::string_view keyword) const {
  const auto found = keywords_.find(ascii::toUpper(keyword));
  return found == keywords_.end() ? std::vector<std::string>() : found->second;
}

}  // namespace posthouse::smtp
