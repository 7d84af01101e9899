#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace posthouse::imap {

/// Puts a command together from lines and literals (RFC 3501 §4.3, RFC 7888) and says what to read next.
/// One object a command.
class CommandReader {
 public:
  struct Limits {
    std::size_t command = std::size_t{64} * 1024;  ///< octets in all, without an APPEND's message
  };
  enum class Next : std::uint8_t {
    complete,  ///< text() is a command
    literal,   ///< literalSize() octets, to be given to addLiteral
    message,   ///< an APPEND's literal; text() is the command up to its announcement (parseAppendHead)
    tooBig,    ///< past the limit. If there is a literal and it does not wait for us, its octets are on their way
  };

  explicit CommandReader(Limits limits) : limits_(limits) {}

  /// A line without its CRLF. Not again after `complete` or `tooBig`.
  Next addLine(std::string_view line);
  /// After Next::literal: exactly literalSize() octets; then comes another line.
  void addLiteral(std::string_view octets);

  std::string_view text() const noexcept { return text_; }
  /// The first word, or "*" if it is no tag: what a refusal before the parser is tagged with.
  std::string tag() const;

  bool hasLiteral() const noexcept { return hasLiteral_; }
  std::uint64_t literalSize() const noexcept { return literalSize_; }
  /// True if the client waits for our "+" before it sends the literal.
  bool literalIsSynchronizing() const noexcept { return synchronizing_; }

 private:
  void readAnnouncement(std::string_view line);

  Limits limits_;
  std::string text_;
  unsigned literals_ = 0;  // that were added
  bool hasLiteral_ = false;
  bool synchronizing_ = false;
  std::uint64_t literalSize_ = 0;
};

}  // namespace posthouse::imap
