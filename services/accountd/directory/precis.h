#pragma once
#include <unicode/unistr.h>

namespace posthouse::accountd {

/// The PRECIS string classes, RFC 8264 §4.
enum class StringClass {
  identifier,  // letters and digits of any script, and printable ASCII: names
  freeform,    // spaces, symbols and punctuation, too: passwords
};

/// Whether every code point may be in a string of the class, also where that depends on its neighbours (RFC 8264 §8,
/// RFC 5892 appendix A).
bool conforms(const icu::UnicodeString& text, StringClass kind);

/// Fullwidth and halfwidth code points as what they stand for (RFC 8264 §5.2.1).
icu::UnicodeString mapWidth(const icu::UnicodeString& text);

/// The Bidi Rule (RFC 5893 §2), which only strings with right-to-left code points can break.
bool obeysBidiRule(const icu::UnicodeString& text);

}  // namespace posthouse::accountd
