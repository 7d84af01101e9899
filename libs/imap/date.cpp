// Dates, RFC 3501 §9.
#include "imap/date.h"

#include <fmt/format.h>

#include <array>

namespace posthouse::imap {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

unsigned digits(Cursor& in, std::size_t count) {
  unsigned value = 0;
  for (const char c : in.takeOctets(count)) {
    if (!ascii::isDigit(c)) throw SyntaxError("expected a digit in a date");
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value;
}

/// date-month = "Jan" / "Feb" / ...
month dateMonth(Cursor& in) {
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (in.take(kMonths[i])) return month{i + 1};
  }
  throw SyntaxError("expected a month such as Jan");
}

/// "-" date-month "-" date-year, after the day
year_month_day monthAndYear(Cursor& in, unsigned dayOfMonth) {
  in.expect("-");
  const month m = dateMonth(in);
  in.expect("-");
  const year_month_day date{year{static_cast<int>(digits(in, 4))}, m, day{dayOfMonth}};
  if (!date.ok()) throw SyntaxError("no such day");
  return date;
}

/// date-text = date-day "-" date-month "-" date-year; date-day = 1*2DIGIT
year_month_day dateText(Cursor& in) {
  const auto day = in.number<unsigned>();
  return monthAndYear(in, day);
}

/// time = 2DIGIT ":" 2DIGIT ":" 2DIGIT
seconds time(Cursor& in) {
  const unsigned hour = digits(in, 2);
  in.expect(":");
  const unsigned minute = digits(in, 2);
  in.expect(":");
  const unsigned second = digits(in, 2);
  if (hour > 23 || minute > 59 || second > 60) throw SyntaxError("no such time of day");
  return hours{hour} + minutes{minute} + seconds{second};
}

/// zone = ("+" / "-") 4DIGIT
seconds zone(Cursor& in) {
  const bool west = in.take("-");
  if (!west) in.expect("+");
  const unsigned hour = digits(in, 2);
  const unsigned minute = digits(in, 2);
  if (hour > 23 || minute > 59) throw SyntaxError("no such zone");
  const seconds offset = hours{hour} + minutes{minute};
  return west ? -offset : offset;
}

}  // namespace

year_month_day date(Cursor& in) {
  const bool quoted = in.take("\"");
  const year_month_day date = dateText(in);
  if (quoted) in.expect("\"");
  return date;
}

/// date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE
sys_seconds dateTime(Cursor& in) {
  in.expect("\"");
  const unsigned day = in.take(" ") ? digits(in, 1) : digits(in, 2);
  const year_month_day date = monthAndYear(in, day);
  in.expect(" ");
  const seconds timeOfDay = time(in);
  in.expect(" ");
  const seconds offset = zone(in);
  in.expect("\"");
  return sys_days{date} + timeOfDay - offset;
}

std::string toDateTime(sys_seconds time) {
  const auto midnight = floor<days>(time);
  const year_month_day date{midnight};
  const hh_mm_ss timeOfDay{time - midnight};
  return fmt::format("\"{:2}-{}-{:04} {:02}:{:02}:{:02} +0000\"", unsigned{date.day()},
                     kMonths[unsigned{date.month()} - 1], int{date.year()}, timeOfDay.hours().count(),
                     timeOfDay.minutes().count(), timeOfDay.seconds().count());
}

}  // namespace posthouse::imap
