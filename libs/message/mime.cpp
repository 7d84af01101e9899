// The tree of parts, RFC 2046 §5.1 and §5.2.1: one walk over the lines.
#include "message/mime.h"

#include <algorithm>
#include <cstring>

#include "base/ascii.h"
#include "message/boundaries.h"
#include "message/charset.h"
#include "message/transfer_encoding.h"

namespace posthouse::message {

namespace {

/// A parameter that is ASCII by its nature, wherever RFC 2231 was applied to it none the less.
std::string plainText(const Parameter& parameter) {
  return std::string(ascii::trimBlanks(parameter.extended ? parameter.text() : parameter.value));
}

class Parser {
 public:
  Parser(std::string_view octets, const MimeLimits& limits) : octets_(octets), limits_(limits) {}

  /// One entity: its header at position_, its body up to the next boundary or the end.
  Part entity(bool inDigest) {
    ++parts_;
    if (isFull()) boundaries_.resize(0);  // the last part takes what is left
    Part part;
    part.header.offset = position_;
    readHeader();
    part.header.size = position_ - part.header.offset;
    headers_ += part.header.size;
    describe(part, inDigest);

    const std::size_t linesBefore = lines_;
    part.body.offset = position_;
    ++depth_;
    if (part.kind == Part::Kind::multipart) {
      multipart(part);
    } else if (part.kind == Part::Kind::message) {
      part.parts.push_back(entity(false));
    } else {
      toBoundary();
    }
    --depth_;
    endBody(part, linesBefore);
    return part;
  }

 private:
  std::string_view rest() const noexcept { return octets_.substr(position_); }
  bool isFull() const noexcept { return parts_ >= limits_.parts || headers_ >= limits_.headers; }

  void nextLine() noexcept {
    const void* end = std::memchr(octets_.data() + position_, '\n', octets_.size() - position_);
    if (end == nullptr) {
      position_ = octets_.size();
    } else {
      position_ = static_cast<std::size_t>(static_cast<const char*>(end) - octets_.data()) + 1;
      ++lines_;
    }
  }

  /// Whether the line here begins with an open multipart's boundary.
  bool atBoundary() {
    boundary_ = boundaries_.longestPrefixOf(rest());
    return boundary_.has_value();
  }

  /// On to the next boundary, or to the end; boundary_ tells which.
  void toBoundary() {
    while (!atBoundary() && position_ < octets_.size()) nextLine();
  }

  /// Past the empty line, or to a boundary that comes before it.
  void readHeader() {
    while (position_ < octets_.size() && !atBoundary()) {
      const bool empty = rest().starts_with('\n') || rest().starts_with("\r\n");
      nextLine();
      if (empty) return;
    }
  }

  void describe(Part& part, bool inDigest) {
    std::optional<MediaType> media;
    bool typed = false;
    part.transferEncoding = "7bit";
    for (const Field& field : Header(part.header.of(octets_))) {
      if (!ascii::startsWithIgnoringCase(field.name, "Content-")) continue;
      const std::string_view name = field.name.substr(8);
      const auto is = [&](std::string_view other) { return ascii::equalsIgnoringCase(name, other); };
      if (is("Type") && !typed) {
        typed = true;
        media = parseContentType(unfold(field.value));
      }
      if (is("Transfer-Encoding")) part.transferEncoding = parseTransferEncoding(field.value);
      if (is("Disposition") && !part.disposition) part.disposition = parseContentDisposition(unfold(field.value));
      if (is("ID") && !part.id) part.id = unfold(field.value);
      if (is("Description") && !part.description) part.description = unfold(field.value);
      if (is("MD5") && !part.md5) part.md5 = unfold(field.value);
      if (is("Location") && !part.location) part.location = unfold(field.value);
      if (is("Language") && part.languages.empty()) part.languages = parseLanguages(field.value);
    }
    if (media) {
      part.mediaType = std::move(*media);
    } else if (inDigest && !typed) {
      part.mediaType = {"message", "rfc822", {}};
    }
    decideKind(part);
  }

  void decideKind(Part& part) const {
    MediaType& media = part.mediaType;
    if (media.type == "multipart") {
      const Parameter* boundary = media.parameter("boundary");
      if (boundary == nullptr || plainText(*boundary).empty()) {
        media = {};
        return;
      }
      part.kind = Part::Kind::multipart;
    } else if (media.is("message", "rfc822") || media.is("message", "global")) {
      part.kind = Part::Kind::message;
    }
    if (part.kind != Part::Kind::leaf && (depth_ >= limits_.depth || isFull())) {
      part.kind = Part::Kind::leaf;
      media = {"application", "octet-stream", {}};
    }
  }

  void multipart(Part& part) {
    const std::size_t own = boundaries_.size();
    boundaries_.push("--" + plainText(*part.mediaType.parameter("boundary")));
    const bool digest = part.mediaType.subtype == "digest";
    toBoundary();
    while (boundary_ == own) {
      const bool last = rest().substr(boundaries_[own].size()).starts_with("--");
      nextLine();
      if (last) {
        boundaries_.resize(own);
        toBoundary();
        break;
      }
      part.parts.push_back(entity(digest));
    }
    boundaries_.resize(own);
    if (part.parts.empty()) part.parts.push_back(nothingAt(position_));
  }

  static Part nothingAt(std::size_t position) {
    Part part;
    part.header.offset = part.body.offset = position;
    part.transferEncoding = "7bit";
    return part;
  }

  /// The body ends here; the line end before a boundary is the boundary's (RFC 2046 §5.1.1).
  void endBody(Part& part, std::size_t linesBefore) const {
    std::size_t end = position_;
    std::size_t lines = lines_ - linesBefore;
    if (boundary_ && end > part.body.offset && octets_[end - 1] == '\n') {
      --end;
      --lines;
      if (end > part.body.offset && octets_[end - 1] == '\r') --end;
    }
    part.body.size = end - part.body.offset;
    part.bodyLines = lines;
    for (Part& inner : part.parts) clip(inner, end);
  }

  /// Keeps a part inside of the one that it is in, where its header or itself reached up to the boundary.
  static void clip(Part& part, std::size_t end) {
    if (part.whole().end() <= end) return;
    part.header.offset = std::min(part.header.offset, end);
    part.header.size = std::min(part.header.size, end - part.header.offset);
    part.body.offset = std::min(part.body.offset, end);
    part.body.size = std::min(part.body.size, end - part.body.offset);
    for (Part& inner : part.parts) clip(inner, end);
  }

  std::string_view octets_;
  MimeLimits limits_;
  std::size_t position_ = 0;  // always the beginning of a line
  std::size_t lines_ = 0;     // LFs before it
  std::size_t parts_ = 0;
  std::size_t headers_ = 0;  // octets of the parts' headers so far
  std::size_t depth_ = 0;
  Boundaries boundaries_;
  std::optional<std::size_t> boundary_;  // which of them stands here
};

}  // namespace

Part parseMime(std::string_view message, const MimeLimits& limits) {
  return Parser(message, limits).entity(false);
}

std::string decodedBody(std::string_view message, const Part& part) {
  return decodeBody(transferEncoding(part.transferEncoding), part.body.of(message));
}

std::string decodedText(std::string_view message, const Part& part) {
  const Parameter* charset = part.mediaType.parameter("charset");
  return toUtf8(decodedBody(message, part), charset == nullptr ? "us-ascii" : plainText(*charset));
}

std::optional<std::string> fileName(const Part& part) {
  const Parameter* name = part.disposition ? part.disposition->parameter("filename") : nullptr;
  if (name == nullptr) name = part.mediaType.parameter("name");
  if (name == nullptr || name->value.empty()) return std::nullopt;
  return name->text();
}

}  // namespace posthouse::message
