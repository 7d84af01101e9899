#include "case_fold.h"

#include <unicode/unistr.h>

#include <algorithm>

#include "base/ascii.h"

namespace posthouse::imapd {

std::string caseFold(std::string_view utf8) {
  if (std::none_of(utf8.begin(), utf8.end(), ascii::isEightBit)) return ascii::toLower(utf8);
  std::string folded;
  icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<std::int32_t>(utf8.size())))
      .foldCase()
      .toUTF8String(folded);
  return folded;
}

}  // namespace posthouse::imapd
