#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace posthouse::store {

/// Lines of base64 in a piece of a body, most of all the octets of mail: stored as the octets that they stand for they
/// take three quarters, are seen for what they are by a compression, and cost less time than a compression of the text.
/// Taken are lines of one length that end with CRLF and hold whole groups without padding, as an encoder writes them
/// (RFC 2045 §6.8) except for the last: from these the very same text comes back. Refers to the piece.
class Base64Lines {
 public:
  static Base64Lines find(std::string_view piece);

  bool empty() const noexcept { return runs_.empty(); }
  /// What is stored for the piece, also if no such lines were found: their octets and the rest as text, each compressed
  /// if that gains anything, and what tells how to put them together. `text` reads it.
  std::string form() const;

  /// Appends the piece of `size` octets whose form this is. Throws Damaged (compression.h).
  static void text(std::string_view form, std::size_t size, std::string& appendTo);

 private:
  struct Run {
    std::uint32_t textBefore;  // octets since the run before
    std::uint32_t line;        // characters without CRLF
    std::uint32_t lines;
  };
  struct Foot {
    std::uint32_t octetsStored;
    std::uint32_t textStored;
    std::uint32_t runs;
    std::uint8_t octetsCompressed;
    std::uint8_t textCompressed;
    std::uint8_t reserved[2];
  };
  class Reader;

  static std::uint64_t sizeOf(const Run& run) noexcept;
  static std::uint64_t octetsOf(const Run& run) noexcept;
  std::string restOfText() const;

  std::string_view piece_;
  std::vector<Run> runs_;
  std::string octets_;
};

}  // namespace posthouse::store
