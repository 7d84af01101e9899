#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::smtp {

/// An enhanced mail system status code, "class.subject.detail" (RFC 3463 §2).
struct EnhancedStatus {
  std::uint16_t severity;  // 2 success, 4 for now, 5 for good
  std::uint16_t subject;
  std::uint16_t detail;

  std::string text() const;
  bool operator==(const EnhancedStatus&) const = default;
};

/// The code at the beginning of `text`, followed by a space or the end, which are removed as well; nothing, and `text`
/// untouched, if there is none.
std::optional<EnhancedStatus> takeEnhancedStatus(std::string_view& text);

}  // namespace posthouse::smtp
