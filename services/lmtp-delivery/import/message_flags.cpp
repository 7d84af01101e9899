#include "import/message_flags.h"

#include <optional>

#include "imap/flags.h"

namespace posthouse::lmtp_delivery {
namespace {

/// flag-keyword, RFC 3501 §9: what a client could have set, too.
bool isKeyword(std::string_view name) try {
  Cursor in(name);
  imap::Flags flags;
  imap::flag(in, flags);
  return in.atEnd() && flags.keywords.size() == 1;
} catch (const SyntaxError&) {
  return false;
}

}  // namespace

MessageFlags MessageFlags::of(std::span<const std::string> names) {
  MessageFlags flags;
  for (const std::string& name : names) {
    if (const auto flag = store::flagNamed(name)) {
      flags.known = flags.known | *flag;
    } else {
      (isKeyword(name) ? flags.keywords : flags.unfit).push_back(name);
    }
  }
  return flags;
}

store::Flags MessageFlags::in(const store::KeywordDictionary& dictionary, std::vector<std::string>& lost) const {
  store::Flags flags = known;
  for (const std::string& keyword : keywords) {
    if (const auto mask = dictionary.mask(keyword)) {
      flags.keywords |= *mask;
    } else {
      lost.push_back(keyword);
    }
  }
  return flags;
}

}  // namespace posthouse::lmtp_delivery
