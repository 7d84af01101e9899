#pragma once
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "smtp/reply.h"

namespace posthouse::smtp {

/// Puts a server's replies together from lines, for clients. Used for one reply after the other.
class ReplyReader {
 public:
  /// Lines and octets that one reply may have; a server that sends more is not talking SMTP.
  static constexpr std::size_t kMaxLines = 256;
  static constexpr std::size_t kMaxOctets = 64 * 1024;

  /// Takes a line without its CRLF. Nothing: more lines belong to the reply. An error, in words, means that the
  /// connection cannot be used further.
  std::expected<std::optional<Reply>, std::string> add(std::string_view line);

 private:
  std::optional<Reply> partial_;
  std::size_t octets_ = 0;
};

}  // namespace posthouse::smtp
