#include "flag_list.h"

namespace posthouse::imapd {

static_assert(imap::kSeen == static_cast<unsigned>(store::Flag::seen));
static_assert(imap::kFlagged == static_cast<unsigned>(store::Flag::flagged));
static_assert(imap::kAnswered == static_cast<unsigned>(store::Flag::answered));
static_assert(imap::kDraft == static_cast<unsigned>(store::Flag::draft));
static_assert(imap::kDeleted == static_cast<unsigned>(store::Flag::deleted));

store::Flags fixedFlags(const imap::Flags& flags) {
  store::Flags bits(flags.system, 0);
  for (const auto& keyword : flags.keywords) {
    if (const auto flag = store::flagNamed(keyword)) bits = bits | *flag;
  }
  return bits;
}

std::vector<std::string> dictionaryKeywords(const imap::Flags& flags) {
  std::vector<std::string> names;
  for (const auto& keyword : flags.keywords) {
    if (!store::flagNamed(keyword)) names.push_back(keyword);
  }
  return names;
}

store::Flags toStore(const imap::Flags& flags, const store::KeywordDictionary& dictionary) {
  store::Flags bits = fixedFlags(flags);
  for (const auto& name : dictionaryKeywords(flags)) bits.keywords |= dictionary.mask(name).value_or(0);
  return bits;
}

void appendFlags(std::string& out, const store::KeywordDictionary& dictionary, store::Flags flags, bool recent) {
  out += '(';
  bool first = true;
  for (const std::string_view name : dictionary.names(flags)) {
    if (!first) out += ' ';
    out += name;
    first = false;
  }
  if (recent) out += first ? "\\Recent" : " \\Recent";
  out += ')';
}

}  // namespace posthouse::imapd
