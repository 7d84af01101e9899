// PRECIS string classes, RFC 8264; contextual rules, RFC 5892 appendix A; the Bidi Rule, RFC 5893 §2.
#include "directory/precis.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <vector>

namespace posthouse::accountd {
namespace {

using CodePoints = std::vector<UChar32>;

CodePoints codePoints(const icu::UnicodeString& text) {
  CodePoints points;
  for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) points.push_back(text.char32At(i));
  return points;
}

const icu::Normalizer2& nfkc() {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* form = icu::Normalizer2::getNFKCInstance(error);
  if (form == nullptr) throw std::runtime_error("ICU has no normalisation data");
  return *form;
}

bool isBetween(UChar32 c, UChar32 first, UChar32 last) {
  return first <= c && c <= last;
}

template <std::size_t size>
bool isIn(const UChar32 (&some)[size], UChar32 c) {
  return std::ranges::find(some, c) != std::end(some);
}

bool hasScript(UChar32 c, UScriptCode script) {
  UErrorCode error = U_ZERO_ERROR;
  return uscript_getScript(c, &error) == script;
}

/// What a code point's place in a class is.
enum class Place {
  valid,
  freeformOnly,
  inContext,  // where the rule for it says so
  disallowed,
};

/// Exceptions, RFC 8264 §9.6.
constexpr UChar32 kAlwaysValid[] = {0x00DF, 0x03C2, 0x06FD, 0x06FE, 0x0F0B, 0x3007};
constexpr UChar32 kContext[] = {0x00B7, 0x0375, 0x05F3, 0x05F4, 0x30FB, 0x200C, 0x200D};
constexpr UChar32 kNeverValid[] = {0x0640, 0x07FA, 0x302E, 0x302F, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303B};

bool isOldHangulJamo(UChar32 c) {
  const auto type = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
  return type == U_HST_LEADING_JAMO || type == U_HST_VOWEL_JAMO || type == U_HST_TRAILING_JAMO;
}

bool hasCompatibilityEquivalent(UChar32 c) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::UnicodeString one(c);
  return nfkc().normalize(one, error) != one;
}

/// By the general category, in the order of RFC 8264 §8.
Place placeByCategory(UChar32 c) {
  switch (u_charType(c)) {
    case U_LOWERCASE_LETTER:
    case U_UPPERCASE_LETTER:
    case U_OTHER_LETTER:
    case U_DECIMAL_DIGIT_NUMBER:
    case U_MODIFIER_LETTER:
    case U_NON_SPACING_MARK:
    case U_COMBINING_SPACING_MARK:
      return Place::valid;
    case U_TITLECASE_LETTER:
    case U_LETTER_NUMBER:
    case U_OTHER_NUMBER:
    case U_ENCLOSING_MARK:
    case U_SPACE_SEPARATOR:
    case U_MATH_SYMBOL:
    case U_CURRENCY_SYMBOL:
    case U_MODIFIER_SYMBOL:
    case U_OTHER_SYMBOL:
    case U_CONNECTOR_PUNCTUATION:
    case U_DASH_PUNCTUATION:
    case U_START_PUNCTUATION:
    case U_END_PUNCTUATION:
    case U_INITIAL_PUNCTUATION:
    case U_FINAL_PUNCTUATION:
    case U_OTHER_PUNCTUATION:
      return Place::freeformOnly;
    default:
      return Place::disallowed;
  }
}

/// The algorithm of RFC 8264 §8.
Place placeOf(UChar32 c) {
  if (isIn(kAlwaysValid, c)) return Place::valid;
  if (isIn(kNeverValid, c)) return Place::disallowed;
  if (isIn(kContext, c) || isBetween(c, 0x0660, 0x0669) || isBetween(c, 0x06F0, 0x06F9)) return Place::inContext;
  if (u_charType(c) == U_UNASSIGNED) return Place::disallowed;
  if (isBetween(c, 0x21, 0x7E)) return Place::valid;
  if (isOldHangulJamo(c) || u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
      u_hasBinaryProperty(c, UCHAR_NONCHARACTER_CODE_POINT) || u_charType(c) == U_CONTROL_CHAR)
    return Place::disallowed;
  if (hasCompatibilityEquivalent(c)) return Place::freeformOnly;
  return placeByCategory(c);
}

bool isVirama(UChar32 c) {
  return u_getCombiningClass(c) == 9;
}

/// Joining_Type {L,D} T* before, and T* {R,D} behind a ZERO WIDTH NON-JOINER (RFC 5892 A.1).
bool joinsAround(const CodePoints& text, std::size_t at) {
  const auto type = [&](std::size_t i) { return u_getIntPropertyValue(text[i], UCHAR_JOINING_TYPE); };
  std::size_t before = at;
  while (before > 0 && type(before - 1) == U_JT_TRANSPARENT) --before;
  std::size_t behind = at + 1;
  while (behind < text.size() && type(behind) == U_JT_TRANSPARENT) ++behind;
  if (before == 0 || behind == text.size()) return false;
  const auto left = type(before - 1);
  const auto right = type(behind);
  return (left == U_JT_LEFT_JOINING || left == U_JT_DUAL_JOINING) &&
         (right == U_JT_RIGHT_JOINING || right == U_JT_DUAL_JOINING);
}

bool isWritingOfJapan(UChar32 c) {
  return hasScript(c, USCRIPT_HIRAGANA) || hasScript(c, USCRIPT_KATAKANA) || hasScript(c, USCRIPT_HAN);
}

/// RFC 5892 A.1 to A.9.
bool fitsContext(const CodePoints& text, std::size_t at) {
  const UChar32 c = text[at];
  const bool hasBefore = at > 0;
  const bool hasBehind = at + 1 < text.size();
  switch (c) {
    case 0x200C:  // ZERO WIDTH NON-JOINER
      return (hasBefore && isVirama(text[at - 1])) || joinsAround(text, at);
    case 0x200D:  // ZERO WIDTH JOINER
      return hasBefore && isVirama(text[at - 1]);
    case 0x00B7:  // MIDDLE DOT, as in the Catalan l·l
      return hasBefore && hasBehind && text[at - 1] == 'l' && text[at + 1] == 'l';
    case 0x0375:  // GREEK LOWER NUMERAL SIGN
      return hasBehind && hasScript(text[at + 1], USCRIPT_GREEK);
    case 0x05F3:  // HEBREW PUNCTUATION GERESH and GERSHAYIM
    case 0x05F4:
      return hasBefore && hasScript(text[at - 1], USCRIPT_HEBREW);
    case 0x30FB:  // KATAKANA MIDDLE DOT
      return std::ranges::any_of(text, isWritingOfJapan);
    default: {  // the two rows of Arabic digits do not mix
      const bool isPlain = c <= 0x0669;
      return std::ranges::none_of(text, [isPlain](UChar32 other) {
        return isPlain ? isBetween(other, 0x06F0, 0x06F9) : isBetween(other, 0x0660, 0x0669);
      });
    }
  }
}

bool mayFollowRightToLeft(UCharDirection direction) {
  switch (direction) {
    case U_RIGHT_TO_LEFT:
    case U_RIGHT_TO_LEFT_ARABIC:
    case U_ARABIC_NUMBER:
    case U_EUROPEAN_NUMBER:
    case U_EUROPEAN_NUMBER_SEPARATOR:
    case U_COMMON_NUMBER_SEPARATOR:
    case U_EUROPEAN_NUMBER_TERMINATOR:
    case U_OTHER_NEUTRAL:
    case U_BOUNDARY_NEUTRAL:
    case U_DIR_NON_SPACING_MARK:
      return true;
    default:
      return false;
  }
}

bool isRightToLeft(UCharDirection direction) {
  return direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC;
}

}  // namespace

bool conforms(const icu::UnicodeString& text, StringClass kind) {
  const CodePoints points = codePoints(text);
  for (std::size_t i = 0; i < points.size(); ++i) {
    // A lone space is not of ASCII7, U+0021 to U+007E, but of Spaces.
    const Place place = placeOf(points[i]);
    const bool isAllowed = place == Place::valid || (place == Place::freeformOnly && kind == StringClass::freeform) ||
                           (place == Place::inContext && fitsContext(points, i));
    if (!isAllowed) return false;
  }
  return true;
}

icu::UnicodeString mapWidth(const icu::UnicodeString& text) {
  icu::UnicodeString mapped;
  for (const UChar32 c : codePoints(text)) {
    const auto type = u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE);
    icu::UnicodeString standsFor;
    if ((type == U_DT_WIDE || type == U_DT_NARROW) && nfkc().getRawDecomposition(c, standsFor)) {
      mapped.append(standsFor);
    } else {
      mapped.append(c);
    }
  }
  return mapped;
}

bool obeysBidiRule(const icu::UnicodeString& text) {
  std::vector<UCharDirection> directions;
  for (const UChar32 c : codePoints(text)) directions.push_back(u_charDirection(c));
  const auto has = [&](UCharDirection direction) {
    return std::ranges::find(directions, direction) != directions.end();
  };
  if (std::ranges::none_of(directions, isRightToLeft) && !has(U_ARABIC_NUMBER)) return true;

  const UCharDirection first = directions.front();
  if (first != U_LEFT_TO_RIGHT && !isRightToLeft(first)) return false;  // 1
  auto last = directions.rbegin();
  while (last != directions.rend() && *last == U_DIR_NON_SPACING_MARK) ++last;
  if (last == directions.rend()) return false;
  // Left to right (5, 6) holds nothing that brought us here.
  if (first == U_LEFT_TO_RIGHT) return false;
  if (!std::ranges::all_of(directions, mayFollowRightToLeft)) return false;  // 2
  const bool endsWell = isRightToLeft(*last) || *last == U_EUROPEAN_NUMBER || *last == U_ARABIC_NUMBER;
  return endsWell && !(has(U_EUROPEAN_NUMBER) && has(U_ARABIC_NUMBER));  // 3, 4
}

}  // namespace posthouse::accountd
