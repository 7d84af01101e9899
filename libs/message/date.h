#pragma once
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace posthouse::message {

/// A moment and the zone that it was written in.
struct Date {
  std::chrono::sys_seconds time;
  std::chrono::minutes zone{0};  // east of UTC

  bool operator==(const Date&) const = default;
};

/// Reads a Date field leniently: the obsolete forms of RFC 5322 §4.3 (two-digit years, zone names, comments) and what
/// is seen in the wild (no weekday, no zone, asctime order, "GMT+0200"). An unknown zone counts as UTC. Nothing if no
/// day or no time can be made of it.
std::optional<Date> parseDate(std::string_view value);

/// "Sun, 22 Nov 2026 21:26:01 +0000" (RFC 5322 §3.3).
std::string formatDate(const Date& date);

}  // namespace posthouse::message
