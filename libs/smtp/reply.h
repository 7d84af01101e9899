#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "smtp/enhanced_status.h"

namespace posthouse::smtp {

/// A reply of a server: a code, maybe an enhanced status, and at least one line of text (RFC 5321 §4.2, RFC 2034 §4).
struct Reply {
  /// Text as it stands on the wire behind the code. Line feeds in it begin further lines. An enhanced status at its
  /// beginning that agrees with the code is taken as one, and is printed on every line.
  Reply(int code, std::string_view text);

  int code;  // 200 to 599
  std::optional<EnhancedStatus> status;
  std::vector<std::string> lines;  // without code and status; never empty

  bool isPositive() const noexcept { return code < 400; }
  bool isTransient() const noexcept { return code >= 400 && code < 500; }
  bool isPermanent() const noexcept { return code >= 500; }

  /// One line for logs and DSNs: "550 5.1.1 No such mailbox".
  std::string text() const;
  /// What goes over the wire, every line with its CRLF. Octets that would break a line, and all that is not printable
  /// ASCII or UTF-8, become "?".
  std::string wire() const;

  bool operator==(const Reply&) const = default;
};

}  // namespace posthouse::smtp
