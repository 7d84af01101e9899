#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace posthouse::message {

/// How a body was made fit for transport (RFC 2045 §6). 7bit, 8bit, binary and what nobody knows are `identity`.
enum class TransferEncoding { identity, quotedPrintable, base64 };

/// By the token of Content-Transfer-Encoding, in either case.
TransferEncoding transferEncoding(std::string_view token) noexcept;

/// Decodes base64 as it arrives. Octets outside of the alphabet are skipped (RFC 2045 §6.8); padding ends a group, and
/// more may follow it, as when two encoded files were joined.
class Base64Decoder {
 public:
  void decode(std::string_view encoded, std::string& appendTo);
  /// Call once at the end: a group that was cut short gives the octets that it has.
  void finish(std::string& appendTo);

 private:
  std::uint32_t group_ = 0;
  int digits_ = 0;
};

/// Decodes quoted-printable as it arrives. What is no encoding stays as it is (RFC 2045 §6.7, note 3 and 4);
/// blanks at a line's end are dropped.
class QuotedPrintableDecoder {
 public:
  void decode(std::string_view encoded, std::string& appendTo);
  /// Call once at the end.
  void finish(std::string& appendTo);

 private:
  void resolve(std::string& appendTo, bool atEnd);
  std::string pending_;  // a "=" or blanks whose meaning the next octets decide
};

/// The whole body at once.
std::string decodeBody(TransferEncoding encoding, std::string_view body);

/// Base64 in lines of 76 characters, each ended by CRLF.
std::string encodeBase64Lines(std::string_view octets);
/// Quoted-printable of text whose lines end with CRLF; lines of 76 characters at most. A CR or LF alone is encoded.
std::string encodeQuotedPrintable(std::string_view text);

}  // namespace posthouse::message
