#pragma once
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "async/task.h"
#include "net/byte_stream.h"
#include "net/patience.h"

namespace posthouse::net {

class TlsContext;

/// A line was longer than its limit. Reading may go on with LineStream::skipLine.
class LineTooLong : public std::runtime_error {
 public:
  LineTooLong() : std::runtime_error("line too long") {}
};

/// Reads CRLF-ended lines and counted octets from a byte stream, and writes to it through a buffer, so that the
/// replies to pipelined commands leave in one segment: write() each, flush() when no input is buffered.
class LineStream {
 public:
  explicit LineStream(std::unique_ptr<ByteStream> bytes) : bytes_(std::move(bytes)) {}

  /// The next line without its CRLF, or nothing at the end of input. A bare LF ends no line
  /// (RFC 5321 §2.3.8). Throws LineTooLong past `limit` octets, CRLF included. A line that has begun has a minute.
  Task<std::optional<std::string>> readLine(std::size_t limit, Patience patience);

  /// As readLine if a whole line is buffered already, without a coroutine; else nothing.
  std::optional<std::string> tryLine(std::size_t limit);

  /// After LineTooLong: reads and drops up to and including the next CRLF, at most `limit` octets. False at the end of
  /// input or past the limit. All within the patience.
  Task<bool> skipLine(std::size_t limit, Patience patience);

  /// Appends between 1 and `most` octets to `into` and says how many; 0 at the end of input. For streaming bodies.
  Task<std::size_t> readSome(std::string& into, std::size_t most, Patience patience);

  /// Exactly `count` octets, all within the patience. Throws ConnectionLost if input ends before. The caller bounds
  /// `count`.
  Task<std::string> readOctets(std::size_t count, Patience patience);

  /// Waits until at least one octet is buffered (true) or input has ended (false), and takes none of it.
  Task<bool> waitForInput(Patience patience);

  /// What has been read from the stream and not been taken yet, to look at; take(n) drops its first n octets.
  std::string_view buffered() const noexcept { return std::string_view(input_).substr(position_); }
  void take(std::size_t count) noexcept;

  /// True if the client has sent more than has been read. STARTTLS must then be refused:
  /// those octets came in the clear (RFC 3207 §4.2).
  bool hasBufferedInput() const noexcept { return position_ < input_.size() || bytes_->hasPendingInput(); }

  /// Queues octets for the next flush.
  void write(std::string_view octets) { output_.append(octets); }
  /// The same, without a copy if nothing is queued.
  void writeWhole(std::string octets) {
    if (output_.empty()) {
      output_ = std::move(octets);
    } else {
      output_.append(octets);
    }
  }
  std::size_t unflushed() const noexcept { return output_.size(); }
  /// Sends what was queued. Writers of much call it now and then: the buffer has no bound of its own.
  Task<> flush(Patience patience);

  /// Turns to TLS as its server, by a handshake. Nothing may be buffered in either direction.
  Task<> startTls(const TlsContext& context, Patience patience);
  /// The same as its client, who asks for `serverName` (SNI) and, if the context verifies, insists on it.
  Task<> startTlsAsClient(const TlsContext& context, const std::string& serverName, Patience patience);

  ByteStream& bytes() noexcept { return *bytes_; }
  const ByteStream& bytes() const noexcept { return *bytes_; }

 private:
  Task<bool> fill(Patience patience);

  std::unique_ptr<ByteStream> bytes_;
  std::string input_;
  std::size_t position_ = 0;  // in input_: what is before has been taken
  std::size_t searched_ = 0;  // in input_: no CRLF begins between position_ and here
  std::string output_;
};

}  // namespace posthouse::net
