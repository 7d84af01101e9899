#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "arguments.h"
#include "async/task.h"
#include "net/byte_stream.h"
#include "net/loop.h"
#include "net/tls_context.h"

namespace posthouse::bench {

/// How long a server may take for anything at all.
constexpr std::chrono::seconds kPatience{120};

/// Where a server listens and whether it begins with TLS: --host, --port, --tls yes.
struct Server {
  explicit Server(Arguments& arguments, const std::string& prefix = "");

  net::Address address;
  std::optional<net::TlsContext> tls;
};

/// A connection to a server that is spoken to in lines. Cheaper than net::LineStream: a line is a view.
class Conversation {
 public:
  static Task<std::unique_ptr<Conversation>> open(net::Loop& loop, const Server& server);

  /// The next line without its CRLF; lives until the next call. Throws Failure at the end of input.
  Task<std::string_view> line();
  /// Drops so many octets that follow the line: a literal.
  Task<> skip(std::size_t count);
  /// Drops what follows up to a line of "." alone, the end of POP3's multi-line responses: how many octets.
  Task<std::size_t> skipLinesUntilDot();
  Task<> send(std::string_view octets) { return stream_->write(octets, kPatience); }
  void close() { stream_->close(); }

 private:
  explicit Conversation(std::unique_ptr<net::ByteStream> stream) : stream_(std::move(stream)) {}
  Task<> readMore();

  std::unique_ptr<net::ByteStream> stream_;
  std::string input_;
  std::size_t taken_ = 0;  // of input_
};

}  // namespace posthouse::bench
