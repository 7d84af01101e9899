// Dates, RFC 5322 §3.3 and §4.3.
#include "message/date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "message/lexical.h"

namespace posthouse::message {

namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> kWeekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

struct NamedZone {
  std::string_view name;
  int hours;
};
/// obs-zone; the military letters count as UTC, for they were often written with the wrong sign (RFC 5322 §4.3).
constexpr std::array<NamedZone, 8> kZones = {
    {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6}, {"PST", -8}, {"PDT", -7}}};

std::optional<unsigned> numberOf(std::string_view digits) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// What has been understood so far, in whatever order it came.
struct Pieces {
  std::optional<unsigned> day, month, hour, minute;
  std::optional<int> year;
  unsigned second = 0;
  minutes zone{0};

  void word(std::string_view text) {
    const auto names = [&](std::string_view name) { return ascii::startsWithIgnoringCase(text, name); };
    if (const auto found = std::ranges::find_if(kMonths, names); found != kMonths.end() && !month) {
      month = static_cast<unsigned>(found - kMonths.begin()) + 1;
    } else if (hour) {
      for (const NamedZone& known : kZones) {
        if (ascii::equalsIgnoringCase(text, known.name)) zone = std::chrono::hours(known.hours);
      }
      if (ascii::equalsIgnoringCase(text, "PM") && *hour < 12) *hour += 12;
      if (ascii::equalsIgnoringCase(text, "AM") && *hour == 12) hour = 0;
    }
  }

  void number(std::string_view digits) {
    const auto value = numberOf(digits);
    if (!value) return;
    if (digits.size() == 4 && !year) {
      year = static_cast<int>(*value);
    } else if (year && !month) {
      month = *value;  // 2026-11-22
    } else if (!day) {
      day = *value;
    } else if (!year && digits.size() <= 3) {
      // obs-year: two digits are 1950 to 2049, three count from 1900.
      year = static_cast<int>(*value) + (digits.size() == 2 && *value < 50 ? 2000 : 1900);
    }
  }

  /// After the first number of hh:mm[:ss].
  void time(std::string_view hours, Cursor& in) {
    hour = numberOf(hours);
    minute = numberOf(in.takeWhile(ascii::isDigit));
    if (in.take(":")) second = numberOf(in.takeWhile(ascii::isDigit)).value_or(0);
    if (in.take(".")) in.takeWhile(ascii::isDigit);
  }

  void offset(std::string_view digits, bool west) {
    const auto value = numberOf(digits);
    if (!value || digits.size() != 4 || *value % 100 > 59 || *value / 100 > 23) return;
    zone = hours(*value / 100) + minutes(*value % 100);
    if (west) zone = -zone;
  }

  std::optional<Date> date() const {
    if (!day || !month || !year || !hour || !minute || *hour > 23 || *minute > 59 || second > 60) return std::nullopt;
    const year_month_day calendar{std::chrono::year(*year), std::chrono::month(*month), std::chrono::day(*day)};
    if (!calendar.ok()) return std::nullopt;
    const sys_seconds local = sys_days(calendar) + hours(*hour) + minutes(*minute) + seconds(second);
    return Date{local - zone, zone};
  }
};

}  // namespace

std::optional<Date> parseDate(std::string_view value) {
  Cursor in(value);
  Pieces pieces;
  while (true) {
    skipCfws(in);
    if (in.atEnd()) break;
    const bool signedZone = pieces.hour && (in.peek() == '+' || in.peek() == '-');
    if (signedZone) {
      const bool west = in.takeOctets(1) == "-";
      std::string digits(in.takeWhile(ascii::isDigit));
      if (digits.size() == 2 && in.take(":")) digits += in.takeWhile(ascii::isDigit);  // +02:00
      pieces.offset(digits, west);
    } else if (ascii::isDigit(in.peek())) {
      const std::string_view digits = in.takeWhile(ascii::isDigit);
      if (!pieces.hour && in.take(":")) {
        pieces.time(digits, in);
      } else {
        pieces.number(digits);
      }
    } else if (ascii::isAlpha(in.peek())) {
      pieces.word(in.takeWhile(ascii::isAlpha));
    } else {
      in.takeOctets(1);
    }
  }
  return pieces.date();
}

std::string formatDate(const Date& date) {
  const sys_seconds local = date.time + date.zone;
  const sys_days day = floor<days>(local);
  const year_month_day calendar(day);
  const hh_mm_ss clock(local - day);
  const auto offset = abs(date.zone).count();
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} {}{:02}{:02}", kWeekdays[weekday(day).c_encoding()],
                     static_cast<unsigned>(calendar.day()), kMonths[static_cast<unsigned>(calendar.month()) - 1],
                     static_cast<int>(calendar.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count(), date.zone < minutes(0) ? '-' : '+', offset / 60, offset % 60);
}

}  // namespace posthouse::message
