// Names and passwords in one spelling, RFC 8265.
#include "directory/prepare.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/ascii.h"
#include "directory/precis.h"

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

/// The rules of UsernameCaseMapped, once, in their order (RFC 8265 §3.3.3).
std::optional<std::string> mapName(std::string_view name) {
  const std::optional<icu::UnicodeString> text = fromUtf8(name);
  if (!text) return std::nullopt;
  icu::UnicodeString mapped = mapWidth(*text);
  if (!conforms(mapped, StringClass::identifier)) return std::nullopt;
  mapped.toLower(icu::Locale::getRoot());
  std::string prepared = composed(mapped);
  if (prepared.empty() || !obeysBidiRule(*fromUtf8(prepared))) return std::nullopt;
  return prepared;
}

/// All spaces are in the Basic Multilingual Plane.
icu::UnicodeString withPlainSpaces(icu::UnicodeString text) {
  for (std::int32_t i = 0; i < text.length(); ++i)
    if (u_charType(text.charAt(i)) == U_SPACE_SEPARATOR) text.setCharAt(i, u' ');
  return text;
}

}  // namespace

std::optional<std::string> prepareName(std::string_view name) {
  if (isAscii(name)) return ascii::toLower(name);
  std::optional<std::string> once = mapName(name);
  // A string that the mappings never leave alone is not one (RFC 8264 §7).
  for (int again = 0; once && again < 3; ++again) {
    std::optional<std::string> twice = mapName(*once);
    if (twice == once) return once;
    once = std::move(twice);
  }
  return std::nullopt;
}

std::string preparePassword(std::string_view password) {
  if (isAscii(password)) return std::string(password);
  std::optional<icu::UnicodeString> text = fromUtf8(password);
  if (!text) return std::string(password);
  return composed(withPlainSpaces(*std::move(text)));
}

bool isOpaqueString(std::string_view password) {
  std::optional<icu::UnicodeString> text = fromUtf8(password);
  return text && !text->isEmpty() && conforms(withPlainSpaces(*std::move(text)), StringClass::freeform);
}

}  // namespace posthouse::accountd
