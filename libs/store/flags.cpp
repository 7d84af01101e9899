#include "store/flags.h"

#include <algorithm>

#include "base/ascii.h"

namespace posthouse::store {

const std::vector<FlagName>& flagNames() {
  static const std::vector<FlagName> names = {
      {Flag::seen, "\\Seen"},        {Flag::flagged, "\\Flagged"}, {Flag::answered, "\\Answered"},
      {Flag::draft, "\\Draft"},      {Flag::deleted, "\\Deleted"}, {Flag::forwarded, "$Forwarded"},
      {Flag::mdnSent, "$MDNSent"},   {Flag::junk, "$Junk"},        {Flag::notJunk, "$NotJunk"},
      {Flag::phishing, "$Phishing"},
  };
  return names;
}

std::optional<Flag> flagNamed(std::string_view name) {
  for (const FlagName& known : flagNames()) {
    if (ascii::equalsIgnoringCase(known.name, name)) return known.flag;
  }
  return std::nullopt;
}

KeywordDictionary KeywordDictionary::fromNames(std::string_view names) {
  std::vector<std::string> list;
  while (!names.empty()) {
    const std::size_t end = std::min(names.find(' '), names.size());
    list.emplace_back(names.substr(0, end));
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return KeywordDictionary(std::move(list));
}

std::optional<std::uint64_t> KeywordDictionary::mask(std::string_view name) const {
  for (std::size_t bit = 0; bit < names_.size(); ++bit) {
    if (ascii::equalsIgnoringCase(names_[bit], name)) return std::uint64_t{1} << bit;
  }
  return std::nullopt;
}

std::vector<std::string_view> KeywordDictionary::names(Flags flags) const {
  std::vector<std::string_view> names;
  for (const FlagName& known : flagNames()) {
    if (flags.has(known.flag)) names.push_back(known.name);
  }
  for (std::size_t bit = 0; bit < names_.size(); ++bit) {
    if ((flags.keywords >> bit & 1) != 0) names.push_back(names_[bit]);
  }
  return names;
}

bool KeywordDictionary::knows(std::uint64_t keywords) const noexcept {
  return (keywords >> names_.size()) == 0;
}

}  // namespace posthouse::store
