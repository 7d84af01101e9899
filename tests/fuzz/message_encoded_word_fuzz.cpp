// Encoded words: any text decodes to UTF-8; UTF-8 encodes to words of ASCII that no header can break at, and they
// decode to what it was. Any charset gives UTF-8.
#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"
#include "base/utf8.h"
#include "message/charset.h"
#include "message/encoded_word.h"
#include "message/subject.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace posthouse;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!utf8::isValid(message::decodeEncodedWords(text))) std::abort();
  const std::string utf8 = message::repairUtf8(text);
  if (!utf8::isValid(utf8) || message::repairUtf8(utf8) != utf8) std::abort();

  const std::string words = message::encodeWords(utf8);
  if (message::decodeEncodedWords(words) != utf8) std::abort();
  std::size_t length = 0;
  for (const char c : words) {
    if (ascii::isControl(c) || ascii::isEightBit(c)) std::abort();
    length = c == ' ' ? 0 : length + 1;
    if (words != utf8 && length > 75) std::abort();  // RFC 2047 §2
  }

  const std::string_view charset = text.substr(0, text.find('\n'));
  if (!utf8::isValid(message::toUtf8(text.substr(charset.size()), charset))) std::abort();
  if (message::baseSubject(utf8).text.size() > size * 3) std::abort();
  return 0;
}
