#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "message/boundaries.h"
#include "message/mime_field.h"

namespace posthouse::message {

/// Makes of a message, given in pieces of any size, its surrogate for who cannot take UTF-8 in header fields (RFC 6857;
/// RFC 6856 §2.1, RFC 6855 §7). Fields that are not ASCII are written anew: of the message, of its parts at all levels,
/// of a message/rfc822 in it, and of a delivery status. All else passes as it is, bodies in 8bit and message/global
/// too: without RFC 6532, that is an attachment of octets.
///
/// A message that is ASCII costs a look at its octets. What is held back is a field, or one line: kMaxField at most.
class Downgrade {
 public:
  /// Octets of a field that is understood; one that is longer is written anew in pieces, as if it had no structure.
  static constexpr std::size_t kMaxField = std::size_t{64} * 1024;

  /// What is to be sent of the next piece, and of what was held back before it. With the last piece comes all.
  std::string pass(std::string piece, bool isLast);

 private:
  enum class Place {
    header,
    status,  // fields in groups, between empty lines
    body,    // in a multipart
    rest     // of what has no parts: passes
  };

  /// Each takes from the front of `rest` what it can.
  void inFields(std::string_view& rest, std::string& out);
  void inBody(std::string_view& rest, std::string& out);
  bool takeWhole(std::string_view piece);

  void headerLine(std::string_view line, std::string& out);
  void bodyLine(std::string_view line, std::string& out);
  void boundary(std::size_t which, std::string_view line, std::string& out);
  void endField(std::string& out);
  void endHeader();
  void sendBeginning(std::string& out);

  Place place_ = Place::header;
  std::string line_;                    // the beginning of one that is not complete
  std::string field_;                   // its lines so far
  bool isContinued_ = false;            // what field_ begins with has been sent
  bool isInLine_ = false;               // the beginning of this line has been sent
  bool isFirst_ = true;                 // no piece has been passed
  std::optional<MediaType> mediaType_;  // as this header says
  bool isEncoded_ = false;              // quoted-printable, base64 and what else is not the octets themselves
  bool isInDigest_ = false;
  Boundaries boundaries_;
  std::vector<bool> digests_;  // of each boundary: whether its parts are messages by default (RFC 2046 §5.1.5)
};

}  // namespace posthouse::message
