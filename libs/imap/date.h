#pragma once
#include <chrono>
#include <string>

#include "base/cursor.h"

namespace posthouse::imap {

/// date = date-text / DQUOTE date-text DQUOTE, as in SEARCH. Throws SyntaxError.
std::chrono::year_month_day date(Cursor& in);
/// date-time, as in APPEND: "17-Jul-1996 02:44:25 -0700" with its quotes. Throws SyntaxError.
std::chrono::sys_seconds dateTime(Cursor& in);
/// With its quotes and in UTC, as in INTERNALDATE.
std::string toDateTime(std::chrono::sys_seconds time);

}  // namespace posthouse::imap
