// Enhanced status codes, RFC 3463 §2 and RFC 2034 §4.
#include "smtp/enhanced_status.h"

#include "base/cursor.h"

namespace posthouse::smtp {
namespace {

/// subject = 1*3digit; detail = 1*3digit
std::uint16_t upToThreeDigits(Cursor& in) {
  const std::size_t start = in.position();
  const auto value = in.number<std::uint16_t>();
  if (in.position() - start > 3) throw SyntaxError("a status code's part has at most three digits");
  return value;
}

/// status-code = class "." subject "." detail; class = "2" / "4" / "5"
EnhancedStatus statusCode(Cursor& in) {
  EnhancedStatus status{};
  if (in.peek() != '2' && in.peek() != '4' && in.peek() != '5') throw SyntaxError("expected a class");
  status.severity = static_cast<std::uint16_t>(in.takeOctets(1).front() - '0');
  in.expect(".");
  status.subject = upToThreeDigits(in);
  in.expect(".");
  status.detail = upToThreeDigits(in);
  if (!in.atEnd()) in.expect(" ");
  return status;
}

}  // namespace

std::string EnhancedStatus::text() const {
  return std::to_string(severity) + '.' + std::to_string(subject) + '.' + std::to_string(detail);
}

std::optional<EnhancedStatus> takeEnhancedStatus(std::string_view& text) try {
  Cursor in(text);
  const EnhancedStatus status = statusCode(in);
  text = in.rest();
  return status;
} catch (const SyntaxError&) {
  return std::nullopt;
}

}  // namespace posthouse::smtp
