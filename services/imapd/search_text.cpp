// What SEARCH finds text in, RFC 3501 §6.4.4.
#include "search_text.h"

#include <cstring>

#include "case_fold.h"
#include "message/encoded_word.h"
#include "message/header.h"
#include "message/mime.h"

namespace posthouse::imapd {
namespace {

void addPiece(std::string& folded, std::string_view utf8) {
  const std::string piece = caseFold(utf8);
  folded.reserve(folded.size() + piece.size() + 1);  // a large one is not doubled for its NUL
  folded += piece;
  folded += '\0';
}

void addHeader(std::string& folded, std::string_view header) {
  for (const auto& field : message::Header(header)) {
    addPiece(folded, field.name);
    addPiece(folded, message::decodeEncodedWords(message::unfold(field.value)));
  }
}

void addParts(std::string& folded, std::string_view octets, const message::Part& part) {
  if (part.kind == message::Part::Kind::leaf) {
    if (part.mediaType.type == "text") addPiece(folded, message::decodedText(octets, part));
    return;
  }
  for (const message::Part& inner : part.parts) {
    if (part.kind == message::Part::Kind::message) addHeader(folded, inner.header.of(octets));
    addParts(folded, octets, inner);
  }
}

}  // namespace

bool occursIn(std::string_view needle, std::string_view text) {
  return ::memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr;
}

const std::string& SearchText::header() {
  if (!foldedHeader_) addHeader(foldedHeader_.emplace(), header_);
  return *foldedHeader_;
}

const std::string& SearchText::body() {
  if (!foldedBody_) addParts(foldedBody_.emplace(), whole_, message::parseMime(whole_));
  return *foldedBody_;
}

}  // namespace posthouse::imapd
