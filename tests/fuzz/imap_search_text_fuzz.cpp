// What SEARCH looks into: folding is UTF-8, changes nothing twice and letter by letter, so that a piece of a text is
// found in it; every field and every word of a plain message is found; and what is made of a message is no multiple of
// it.
#include <cstdint>
#include <cstdlib>

#include "base/ascii.h"
#include "base/utf8.h"
#include "case_fold.h"
#include "message/builder.h"
#include "message/header.h"
#include "search_text.h"

using namespace posthouse;
using namespace posthouse::imapd;

namespace {

bool beginsCharacter(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

void checkFolding(std::string_view text) {
  const std::string folded = caseFold(text);
  if (!utf8::isValid(folded) && (utf8::isValid(text) || folded.size() != text.size())) std::abort();
  if (folded.size() > 3 * text.size() || caseFold(folded) != folded) std::abort();
  if (caseFold(ascii::toLower(text)) != folded) std::abort();
  if (!utf8::isValid(text)) return;
  std::size_t half = text.size() / 2;
  while (half < text.size() && !beginsCharacter(text[half])) ++half;
  const std::string_view first = text.substr(0, half);
  const std::string_view second = text.substr(half);
  if (caseFold(first) + caseFold(second) != folded) std::abort();
  if (!occursIn(caseFold(first), folded) || !occursIn(caseFold(second), folded)) std::abort();
}

void checkOccurrence(std::string_view text) {
  const std::string_view needle = text.substr(0, std::min<std::size_t>(text.size() / 4, 16));
  const std::string_view rest = text.substr(needle.size());
  if (occursIn(needle, rest) != rest.contains(needle)) std::abort();
}

void anyMessage(std::string_view octets) {
  const message::Header header = message::Header::of(octets);
  SearchText text(header.octets(), octets);
  for (const message::Field& field : header) {
    if (!occursIn(caseFold(field.name), text.header())) std::abort();
  }
  for (const std::string* made : {&text.header(), &text.body()}) {
    if (made->size() > 12 * octets.size() + 16 || !utf8::isValid(*made)) std::abort();
    if (!made->empty() && !made->ends_with('\0')) std::abort();
  }
}

/// The text as a mail program would send it.
void sent(std::string_view text) {
  if (!utf8::isValid(text) || text.find_first_of(std::string_view("\r\n\0", 3)) != text.npos) return;
  message::HeaderBuilder header;
  header.text("Comments", text);
  const std::string message = message::buildMessage(header, message::textEntity(text));
  SearchText search(message::Header::of(message).octets(), message);
  const std::string folded = caseFold(text);
  if (!occursIn(folded, search.body())) std::abort();
  if (text.find_first_of(" \t=") == text.npos && !occursIn(folded, search.header())) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  checkFolding(octets);
  checkOccurrence(octets);
  anyMessage(octets);
  sent(octets);
  return 0;
}
