#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/header.h"
#include "message/mime_field.h"
#include "message/range.h"

namespace posthouse::message {

/// Where parsing stops dividing. What lies beyond stays whole in the part that it is in.
struct MimeLimits {
  std::size_t depth = 100;   // multiparts and messages inside each other; what is deeper is an application/octet-stream
  std::size_t parts = 2000;  // in a message, itself included; the last part reaches to the end of the message
  std::size_t headers = 1024 * 1024;  // octets of the parts' headers together; the part that passes them is the last
};

/// A message or MIME entity. The ranges say where its octets are in what was parsed; nothing is copied but short
/// fields.
struct Part {
  enum class Kind { leaf, multipart, message };

  Kind kind = Kind::leaf;
  Range header;               // with the empty line; empty where the part has no header
  Range body;                 // as it was sent: encoded, without the line end that belongs to the next boundary
  std::size_t bodyLines = 0;  // LFs in the body

  MediaType mediaType;            // text/plain; charset=us-ascii where the message says nothing that can be understood
  std::string transferEncoding;   // lower case, "7bit" if none is given
  std::optional<std::string> id;  // Content-ID, raw
  std::optional<std::string> description;
  std::optional<std::string> md5;
  std::optional<std::string> location;
  std::vector<std::string> languages;
  std::optional<Disposition> disposition;

  /// A multipart's parts: always one at least. A message/rfc822's (or message/global's) one: the message in it, whose
  /// header begins where this body begins.
  std::vector<Part> parts;

  /// The header's octets and the body's are one stretch.
  Range whole() const noexcept { return {header.offset, body.end() - header.offset}; }
};

/// The tree of a message (RFC 2045, 2046). Never fails, and takes time in proportion to the octets.
/// - A line is a boundary if it begins with it (RFC 2046 §5.1.1); of several that match, the longest, then the
/// innermost.
///   A boundary of an outer multipart ends every part inside of it, in a header too.
/// - What comes before the first and after the last boundary belongs to the multipart's body and to no part.
/// - A multipart without a boundary parameter is text/plain; one whose boundary never comes has one empty part.
Part parseMime(std::string_view message, const MimeLimits& limits = {});

/// The body of a leaf with its transfer encoding undone.
std::string decodedBody(std::string_view message, const Part& part);

/// The body of a text part as UTF-8, by its charset parameter.
std::string decodedText(std::string_view message, const Part& part);

/// Content-Disposition's filename, else Content-Type's name, as UTF-8.
std::optional<std::string> fileName(const Part& part);

}  // namespace posthouse::message
