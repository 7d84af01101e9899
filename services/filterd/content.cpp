#include "content.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"
#include "message/mime.h"
#include "message/transfer_encoding.h"

namespace posthouse::filterd {

namespace {

/// Whether ASCII text is written in this charset as other octets than ASCII's.
bool hidesAscii(const message::MediaType& type) {
  constexpr std::array<std::string_view, 5> kFamilies{"utf-16", "utf-32", "utf-7", "ucs-", "iso-10646-ucs"};
  const message::Parameter* charset = type.parameter("charset");
  return charset && std::ranges::any_of(kFamilies, [&](std::string_view family) {
           return ascii::startsWithIgnoringCase(charset->value, family);
         });
}

void showLeaves(std::string_view octets, const message::Part& part, const std::function<void(std::string_view)>& show) {
  for (const message::Part& child : part.parts) showLeaves(octets, child, show);
  if (part.kind != message::Part::Kind::leaf) return;
  if (part.mediaType.type == "text" && hidesAscii(part.mediaType)) {
    show(message::decodedText(octets, part));
  } else if (message::transferEncoding(part.transferEncoding) != message::TransferEncoding::identity) {
    show(message::decodedBody(octets, part));
  }
}

}  // namespace

void forEachText(std::string_view message, const std::function<void(std::string_view)>& show) {
  show(message);
  showLeaves(message, message::parseMime(message), show);
}

}  // namespace posthouse::filterd
