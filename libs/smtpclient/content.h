#pragma once
#include <optional>
#include <string_view>
#include <utility>

#include "async/task.h"

namespace posthouse::smtpclient {

/// A message's octets, lines ended by CRLF, read in pieces; maybe more than once, when a connection turns out to be
/// dead.
class Content {
 public:
  virtual ~Content() = default;
  /// Goes back to the beginning.
  virtual void rewind() = 0;
  /// The next piece, which lives until the next call; empty at the end. What it throws ends the transaction without the
  /// final dot and is handed on.
  virtual Task<std::string_view> next() = 0;
};

/// Content that is in memory. Owns nothing.
class MemoryContent final : public Content {
 public:
  explicit MemoryContent(std::string_view octets) : octets_(octets), rest_(octets) {}
  void rewind() override { rest_ = octets_; }
  Task<std::string_view> next() override { co_return std::exchange(rest_, {}); }

 private:
  std::string_view octets_;
  std::string_view rest_;
};

}  // namespace posthouse::smtpclient
