#pragma once
#include <cstddef>
#include <string_view>

namespace posthouse::message {

/// A stretch of the octets of a message. It stays good when the message moves, and can be stored.
struct Range {
  std::size_t offset = 0;  // octets from the beginning of the message
  std::size_t size = 0;    // octets

  std::size_t end() const noexcept { return offset + size; }
  /// The octets themselves. `message` is what was parsed, whole.
  std::string_view of(std::string_view message) const { return message.substr(offset, size); }

  bool operator==(const Range&) const = default;
};

}  // namespace posthouse::message
