// Names and passwords in one spelling, RFC 8265.
#include "prepare.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <stdexcept>

#include "base/ascii.h"

namespace posthouse::accountd {
namespace {

bool isAscii(std::string_view text) {
  return std::ranges::none_of(text, ascii::isEightBit);
}

/// Nothing if the octets are not UTF-8.
std::optional<icu::UnicodeString> fromUtf8(std::string_view octets) {
  UErrorCode error = U_ZERO_ERROR;
  std::int32_t length = 0;
  icu::UnicodeString text;
  char16_t* buffer = text.getBuffer(static_cast<std::int32_t>(octets.size()));
  u_strFromUTF8(buffer, static_cast<std::int32_t>(octets.size()), &length, octets.data(),
                static_cast<std::int32_t>(octets.size()), &error);
  text.releaseBuffer(U_FAILURE(error) ? 0 : length);
  // A full buffer without room for the final NUL is only a warning.
  if (U_FAILURE(error)) return std::nullopt;
  return text;
}

std::string composed(const icu::UnicodeString& text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  if (nfc == nullptr) throw std::runtime_error("ICU has no normalisation data");
  std::string octets;
  nfc->normalize(text, error).toUTF8String(octets);
  return octets;
}

}  // namespace

std::optional<std::string> prepareName(std::string_view name) {
  if (isAscii(name)) return ascii::toLower(name);
  std::optional<icu::UnicodeString> text = fromUtf8(name);
  if (!text) return std::nullopt;
  return composed(text->toLower(icu::Locale::getRoot()));
}

std::string preparePassword(std::string_view password) {
  if (isAscii(password)) return std::string(password);
  std::optional<icu::UnicodeString> text = fromUtf8(password);
  if (!text) return std::string(password);
  for (std::int32_t i = 0; i < text->length(); ++i)
    if (u_charType(text->charAt(i)) == U_SPACE_SEPARATOR) text->setCharAt(i, u' ');
  return composed(*text);
}

}  // namespace posthouse::accountd
