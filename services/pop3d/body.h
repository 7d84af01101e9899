#pragma once
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "async/task.h"
#include "pop3/reply.h"

namespace posthouse::pop3d {

/// What follows the status line of a multi-line response, ready to be sent: made piece by piece, as fast as the client
/// reads.
class Body {
 public:
  virtual ~Body() = default;
  /// The next octets; empty after the last.
  virtual Task<std::string> next() = 0;
};

/// A few lines, made beforehand.
class ShortBody final : public Body {
 public:
  explicit ShortBody(std::string octets) : octets_(std::move(octets)) {}
  Task<std::string> next() override { co_return std::exchange(octets_, {}); }

 private:
  std::string octets_;
};

/// What a command is answered with.
struct Answer {
  Answer(pop3::Reply status) : reply(std::move(status)) {}  // NOLINT: most answers are only a status line
  Answer(pop3::Reply status, std::unique_ptr<Body> rest) : reply(std::move(status)), body(std::move(rest)) {}

  pop3::Reply reply;
  std::unique_ptr<Body> body;  // null: a single-line response
};

}  // namespace posthouse::pop3d
